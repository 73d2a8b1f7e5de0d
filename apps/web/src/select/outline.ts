/**
 * The border of a mask as closed loops along the cracks between pixels, at the photo's full resolution.
 * Flat numbers: for each loop the count n of its corners, then n pairs x, y. Loops of holes run the other way round,
 * so both the nonzero and the even-odd rule fill the mask exactly.
 */

// Directions in order of a turn to the right: east, south, west, north. The mask lies on the right hand.
const DX = [1, 0, -1, 0]
const DY = [0, 1, 0, -1]

/** Traces width * height bytes of 0 and 1. Cost: one pass over the pixels and one over the border. */
export function traceOutline(mask: Uint8Array, width: number, height: number): Int32Array<ArrayBuffer> {
  const seen = new Uint8Array(mask.length)
  const numbers: number[] = []
  const inside = (x: number, y: number) =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] !== 0
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (mask[i] && !seen[i] && !inside(x, y - 1)) followLoop(x, y)
    }
  }
  return Int32Array.from(numbers)

  /** From the top edge of a pixel, eastward. Every loop has such an edge; `seen` marks those that were walked. */
  function followLoop(startX: number, startY: number): void {
    const countAt = numbers.push(0) - 1
    let x = startX
    let y = startY
    let direction = 0
    do {
      if (direction === 0) seen[y * width + x] = 1
      x += DX[direction]
      y += DY[direction]
      // The two pixels ahead of this corner: on the right hand and on the left.
      const turn = turnAt(x, y, direction)
      if (turn !== 0) {
        numbers.push(x, y)
        numbers[countAt]++
        direction = (direction + turn + 4) % 4
      }
    } while (x !== startX || y !== startY || direction !== 0)
  }

  function turnAt(x: number, y: number, direction: number): number {
    // Pixel to the right and ahead of a corner, for each direction: the corner (x, y) touches pixels (x-1..x, y-1..y).
    const right = inside(
      x - (direction === 1 || direction === 2 ? 1 : 0),
      y - (direction === 2 || direction === 3 ? 1 : 0),
    )
    if (!right) return 1
    const left = inside(
      x - (direction === 2 || direction === 3 ? 1 : 0),
      y - (direction === 0 || direction === 3 ? 1 : 0),
    )
    return left ? -1 : 0
  }
}

/** Moves corners that were found in a smaller copy of the photo to the photo's pixels, rounded; in place. */
export function scaleOutline(
  outline: Int32Array<ArrayBuffer>,
  scaleX: number,
  scaleY: number,
): typeof outline {
  for (let at = 0; at < outline.length; ) {
    const end = at + 1 + 2 * outline[at]
    for (at++; at < end; at += 2) {
      outline[at] = Math.round(outline[at] * scaleX)
      outline[at + 1] = Math.round(outline[at + 1] * scaleY)
    }
  }
  return outline
}

/** Draws the loops into a path, in photo pixels. */
export function addToPath(outline: Int32Array, path: Pick<Path2D, 'moveTo' | 'lineTo' | 'closePath'>): void {
  for (let at = 0; at < outline.length; ) {
    const count = outline[at++]
    for (let i = 0; i < count; i++, at += 2) {
      if (i === 0) path.moveTo(outline[at], outline[at + 1])
      else path.lineTo(outline[at], outline[at + 1])
    }
    path.closePath()
  }
}
