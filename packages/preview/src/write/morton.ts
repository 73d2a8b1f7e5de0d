/** An order of points in space that keeps neighbours together. */

/** Spreads 10 bits to every third bit. */
function spread(v: number): number {
  let x = v & 0x3ff
  x = (x | (x << 16)) & 0x030000ff
  x = (x | (x << 8)) & 0x0300f00f
  x = (x | (x << 4)) & 0x030c30c3
  return (x | (x << 2)) & 0x09249249
}

/** Indices of the points (x, y, z triples) along a Morton curve through their box. */
export function mortonOrder(positions: Float32Array): Uint32Array {
  const count = positions.length / 3
  const min = [Infinity, Infinity, Infinity]
  const max = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < positions.length; i++) {
    const d = i % 3
    if (positions[i] < min[d]) min[d] = positions[i]
    if (positions[i] > max[d]) max[d] = positions[i]
  }
  const extent = Math.max(max[0] - min[0], max[1] - min[1], max[2] - min[2]) || 1
  const keys = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    let code = 0
    for (let d = 0; d < 3; d++)
      code |= spread(Math.floor(((positions[3 * i + d] - min[d]) / extent) * 1023)) << d
    keys[i] = code * count + i
  }
  // Place and index in one number (30 bits and the index's): numbers sort faster than a comparison is called.
  return Uint32Array.from(keys.sort(), (key) => key % count)
}
