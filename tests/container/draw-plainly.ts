/** How many pixels of a mask are not what the logits say; those nearer to 0 than `margin` may be either. */
export function countDiffering(
  { width, height, data }: { width: number; height: number; data: Uint8Array },
  logits: readonly number[],
  side: number,
  margin: number,
): number {
  const at = (x: number, y: number) =>
    logits[Math.min(side - 1, Math.max(0, y)) * side + Math.min(side - 1, Math.max(0, x))]
  let differing = 0
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      // Bilinear about the pixels' centres, written a second time and plainly.
      const [u, v] = [((x + 0.5) / width) * side - 0.5, ((y + 0.5) / height) * side - 0.5]
      const [i, j] = [Math.floor(u), Math.floor(v)]
      const upper = at(i, j) * (1 - (u - i)) + at(i + 1, j) * (u - i)
      const lower = at(i, j + 1) * (1 - (u - i)) + at(i + 1, j + 1) * (u - i)
      const value = upper * (1 - (v - j)) + lower * (v - j)
      if (Math.abs(value) > margin && Number(value > 0) !== data[y * width + x]) differing++
    }
  }
  return differing
}
