import type { Image } from '@gen3d/image/types'

/**
 * Least, then largest red, green and blue (0-255) of the photo in each cell and the eight about it: width x height x 6.
 * `columnOf` and `rowOf` give the working pixel of each photo pixel; a cell holds two by two of them.
 */
export function colourRange(
  photo: Image,
  columnOf: Int32Array,
  rowOf: Int32Array,
  width: number,
  height: number,
): Uint8Array {
  const own = ownRange(photo, columnOf, rowOf, width, height)
  const across = own.slice()
  for (let y = 0; y < height; y++) {
    const row = y * width * 6
    const end = row + width * 6
    widenRange(across, own, row + 6, end, -6)
    widenRange(across, own, row, end - 6, 6)
  }
  const out = across.slice()
  widenRange(out, across, width * 6, out.length, -width * 6)
  widenRange(out, across, 0, out.length - width * 6, width * 6)
  return out
}

function ownRange(
  { width: photoWidth, height: photoHeight, data }: Image,
  columnOf: Int32Array,
  rowOf: Int32Array,
  width: number,
  height: number,
): Uint8Array {
  const own = new Uint8Array(width * height * 6)
  for (let o = 0; o < own.length; o += 6) {
    own[o] = 255
    own[o + 1] = 255
    own[o + 2] = 255
  }
  for (let y = 0, p = 0; y < photoHeight; y++) {
    const row = (rowOf[y] >> 1) * width
    for (let x = 0; x < photoWidth; ) {
      const cell = columnOf[x] >> 1
      const o = (row + cell) * 6
      let r0 = own[o]
      let g0 = own[o + 1]
      let b0 = own[o + 2]
      let r1 = own[o + 3]
      let g1 = own[o + 4]
      let b1 = own[o + 5]
      for (; x < photoWidth && columnOf[x] >> 1 === cell; x++, p += 4) {
        const r = data[p]
        const g = data[p + 1]
        const b = data[p + 2]
        if (r < r0) r0 = r
        if (r > r1) r1 = r
        if (g < g0) g0 = g
        if (g > g1) g1 = g
        if (b < b0) b0 = b
        if (b > b1) b1 = b
      }
      own[o] = r0
      own[o + 1] = g0
      own[o + 2] = b0
      own[o + 3] = r1
      own[o + 4] = g1
      own[o + 5] = b1
    }
  }
  return own
}

/** Widens the ranges `from` to `end` of `to` by those that lie `shift` numbers on in `source`. */
function widenRange(to: Uint8Array, source: Uint8Array, from: number, end: number, shift: number): void {
  for (let o = from; o < end; o += 6) {
    const q = o + shift
    if (source[q] < to[o]) to[o] = source[q]
    if (source[q + 1] < to[o + 1]) to[o + 1] = source[q + 1]
    if (source[q + 2] < to[o + 2]) to[o + 2] = source[q + 2]
    if (source[q + 3] > to[o + 3]) to[o + 3] = source[q + 3]
    if (source[q + 4] > to[o + 4]) to[o + 4] = source[q + 4]
    if (source[q + 5] > to[o + 5]) to[o + 5] = source[q + 5]
  }
}
