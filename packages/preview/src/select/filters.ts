/** [1 4 6 4 1] / 16 with gaps of `step` pixels along both axes, edges repeated; one plane. */
export function blur(
  plane: Float32Array,
  width: number,
  height: number,
  step: number,
  out: Float32Array,
  scratch: Float32Array,
): void {
  const wide = 2 * step
  for (let y = 0; y < height; y++) {
    const row = y * width
    for (let x = 0; x < width; x++) {
      const p = row + x
      if (x >= wide && x < width - wide) {
        scratch[p] =
          (plane[p - wide] + plane[p + wide] + 4 * (plane[p - step] + plane[p + step]) + 6 * plane[p]) / 16
        continue
      }
      const l1 = plane[x < step ? row : p - step]
      const l2 = plane[x < wide ? row : p - wide]
      const r1 = plane[x + step >= width ? row + width - 1 : p + step]
      const r2 = plane[x + wide >= width ? row + width - 1 : p + wide]
      scratch[p] = (l2 + r2 + 4 * (l1 + r1) + 6 * plane[p]) / 16
    }
  }
  const row = (y: number): number => (y < 0 ? 0 : y >= height ? height - 1 : y) * width
  for (let y = 0; y < height; y++) {
    const r0 = row(y - 2 * step)
    const r1 = row(y - step)
    const r2 = row(y)
    const r3 = row(y + step)
    const r4 = row(y + 2 * step)
    for (let x = 0; x < width; x++) {
      out[r2 + x] =
        (scratch[r0 + x] + scratch[r4 + x] + 4 * (scratch[r1 + x] + scratch[r3 + x]) + 6 * scratch[r2 + x]) /
        16
    }
  }
}

/** Mean over a square of 2 * radius + 1 pixels, clipped at the frame, in place. */
export function boxBlur(
  plane: Float32Array,
  width: number,
  height: number,
  radius: number,
  scratch: Float32Array,
): void {
  for (let y = 0; y < height; y++) {
    const row = y * width
    let sum = 0
    for (let x = 0; x < Math.min(radius, width); x++) sum += plane[row + x]
    for (let x = 0; x < width; x++) {
      if (x + radius < width) sum += plane[row + x + radius]
      if (x - radius - 1 >= 0) sum -= plane[row + x - radius - 1]
      const low = x - radius < 0 ? 0 : x - radius
      const high = x + radius >= width ? width - 1 : x + radius
      scratch[row + x] = sum / (high - low + 1)
    }
  }
  const sums = new Float64Array(width)
  for (let y = 0; y < Math.min(radius, height); y++)
    for (let x = 0; x < width; x++) sums[x] += scratch[y * width + x]
  for (let y = 0; y < height; y++) {
    const low = y - radius < 0 ? 0 : y - radius
    const high = y + radius >= height ? height - 1 : y + radius
    const n = high - low + 1
    const enter = y + radius < height ? (y + radius) * width : -1
    const leave = y - radius - 1 >= 0 ? (y - radius - 1) * width : -1
    for (let x = 0; x < width; x++) {
      if (enter >= 0) sums[x] += scratch[enter + x]
      if (leave >= 0) sums[x] -= scratch[leave + x]
      plane[y * width + x] = sums[x] / n
    }
  }
}

/** Smooths Lab within edges: each pixel and its eight neighbours, those of another colour counting little. */
export function smoothWithinEdges(lab: Float32Array, width: number, height: number): Float32Array {
  const out = new Float32Array(lab.length)
  for (let y = 0; y < height; y++) {
    const y0 = y > 0 ? y - 1 : 0
    const y1 = y < height - 1 ? y + 1 : y
    for (let x = 0; x < width; x++) {
      const x0 = x > 0 ? x - 1 : 0
      const x1 = x < width - 1 ? x + 1 : x
      const at = (y * width + x) * 3
      const l = lab[at]
      const a = lab[at + 1]
      const b = lab[at + 2]
      let total = 0
      let sumL = 0
      let sumA = 0
      let sumB = 0
      for (let yy = y0; yy <= y1; yy++) {
        for (let q = (yy * width + x0) * 3; q <= (yy * width + x1) * 3; q += 3) {
          const dl = lab[q] - l
          const da = lab[q + 1] - a
          const db = lab[q + 2] - b
          const near = 1 + (dl * dl + da * da + db * db) / 144
          const w = 1 / (near * near)
          total += w
          sumL += lab[q] * w
          sumA += lab[q + 1] * w
          sumB += lab[q + 2] * w
        }
      }
      out[at] = sumL / total
      out[at + 1] = sumA / total
      out[at + 2] = sumB / total
    }
  }
  return out
}
