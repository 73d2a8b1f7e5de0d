/** Spatial weight of SLIC: at this Lab difference a pixel one cell away counts the same. */
const COMPACTNESS = 12
const ROUNDS = 4

/**
 * SLIC superpixels: k-means of Lab colour and place in which a pixel sees only the nine grid cells around it.
 * Returns a label a pixel; labels may be torn (see `joinTorn`).
 */
export function slic(lab: Float32Array, width: number, height: number, wanted: number): Int32Array {
  const step = Math.sqrt((width * height) / wanted)
  const rows = Math.max(1, Math.floor(height / step + 0.5))
  const columns = Math.max(1, Math.floor(width / step + 0.5))
  const place = COMPACTNESS / step
  const labels = new Int32Array(width * height)
  const centres = new Float64Array(rows * columns * 5)
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const y = Math.floor(((r + 0.5) * height) / rows)
      const x = Math.floor(((c + 0.5) * width) / columns)
      const at = (r * columns + c) * 5
      const pixel = (y * width + x) * 3
      centres[at] = lab[pixel]
      centres[at + 1] = lab[pixel + 1]
      centres[at + 2] = lab[pixel + 2]
      centres[at + 3] = y * place
      centres[at + 4] = x * place
    }
  }
  const sums = new Float64Array(rows * columns * 6)
  for (let round = 0; round < ROUNDS; round++) {
    sums.fill(0)
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < columns; c++) assignCell(r, c)
    }
    for (let k = 0; k < rows * columns; k++) {
      const n = sums[k * 6 + 5]
      if (n === 0) continue
      for (let f = 0; f < 5; f++) centres[k * 5 + f] = sums[k * 6 + f] / n
    }
  }
  return labels

  function assignCell(r: number, c: number): void {
    const y0 = Math.ceil((r * height) / rows)
    const y1 = Math.ceil(((r + 1) * height) / rows)
    const x0 = Math.ceil((c * width) / columns)
    const x1 = Math.ceil(((c + 1) * width) / columns)
    const r0 = Math.max(0, r - 1)
    const r1 = Math.min(rows - 1, r + 1)
    const c0 = Math.max(0, c - 1)
    const c1 = Math.min(columns - 1, c + 1)
    const own = r * columns + c
    for (let y = y0; y < y1; y++) {
      const fy = y * place
      for (let x = x0; x < x1; x++) {
        const pixel = y * width + x
        const l = lab[pixel * 3]
        const a = lab[pixel * 3 + 1]
        const b = lab[pixel * 3 + 2]
        const fx = x * place
        // The cell's own centre first: most others are then too far away to look at their colour.
        let label = own
        const oy = fy - centres[own * 5 + 3]
        const ox = fx - centres[own * 5 + 4]
        const ol = l - centres[own * 5]
        const oa = a - centres[own * 5 + 1]
        const ob = b - centres[own * 5 + 2]
        let best = oy * oy + ox * ox + ol * ol + oa * oa + ob * ob
        for (let rr = r0; rr <= r1; rr++) {
          for (let k = rr * columns + c0; k <= rr * columns + c1; k++) {
            const at = k * 5
            const dy = fy - centres[at + 3]
            const dx = fx - centres[at + 4]
            let d = dy * dy + dx * dx
            if (d >= best) continue
            const dl = l - centres[at]
            const da = a - centres[at + 1]
            const db = b - centres[at + 2]
            d += dl * dl + da * da + db * db
            if (d < best) {
              best = d
              label = k
            }
          }
        }
        labels[pixel] = label
        const s = label * 6
        sums[s] += l
        sums[s + 1] += a
        sums[s + 2] += b
        sums[s + 3] += fy
        sums[s + 4] += fx
        sums[s + 5]++
      }
    }
  }
}

/** Numbers 4-connected pieces of equal label in raster order, in place of the labels; returns how many there are. */
export function numberPieces(labels: Int32Array, width: number, height: number): number {
  const out = new Int32Array(labels.length).fill(-1)
  const stack = new Int32Array(labels.length)
  let count = 0
  for (let start = 0; start < labels.length; start++) {
    if (out[start] >= 0) continue
    const label = labels[start]
    let top = 0
    stack[top++] = start
    out[start] = count
    while (top > 0) {
      const p = stack[--top]
      const x = p % width
      if (x > 0 && out[p - 1] < 0 && labels[p - 1] === label) {
        out[p - 1] = count
        stack[top++] = p - 1
      }
      if (x < width - 1 && out[p + 1] < 0 && labels[p + 1] === label) {
        out[p + 1] = count
        stack[top++] = p + 1
      }
      if (p >= width && out[p - width] < 0 && labels[p - width] === label) {
        out[p - width] = count
        stack[top++] = p - width
      }
      if (p < width * (height - 1) && out[p + width] < 0 && labels[p + width] === label) {
        out[p + width] = count
        stack[top++] = p + width
      }
    }
    count++
  }
  labels.set(out)
  return count
}
