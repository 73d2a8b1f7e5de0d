import { damaged } from './errors.ts'

/**
 * Undoes a PNG row filter in place (0 none, 1 left, 2 up, 3 average, 4 Paeth).
 * `above`: the unfiltered row above, zeros for the first; `step`: bytes to the pixel on the left, at least 1.
 */
export function unfilterRow(filter: number, row: Uint8Array, above: Uint8Array, step: number): void {
  const length = row.length
  switch (filter) {
    case 0:
      return
    case 1:
      for (let i = step; i < length; i++) row[i] += row[i - step]
      return
    case 2:
      for (let i = 0; i < length; i++) row[i] += above[i]
      return
    case 3:
      for (let i = 0; i < length; i++) row[i] += ((i < step ? 0 : row[i - step]) + above[i]) >> 1
      return
    case 4:
      for (let i = 0; i < step; i++) row[i] += above[i]
      for (let i = step; i < length; i++) row[i] += paeth(row[i - step], above[i], above[i - step])
      return
    default:
      throw damaged('a row has an unknown filter')
  }
}

/** Whichever of left, up and up-left is nearest to left + up - upLeft. */
export function paeth(left: number, up: number, upLeft: number): number {
  const fromLeft = Math.abs(up - upLeft)
  const fromUp = Math.abs(left - upLeft)
  const fromUpLeft = Math.abs(left + up - 2 * upLeft)
  if (fromLeft <= fromUp && fromLeft <= fromUpLeft) return left
  return fromUp <= fromUpLeft ? up : upLeft
}
