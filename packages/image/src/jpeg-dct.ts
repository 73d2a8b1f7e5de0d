/** Constants of libjpeg's exact integer DCT (jfdctint), fixed point with 13 bits. */
const C_0_298 = 2446
const C_0_390 = 3196
const C_0_541 = 4433
const C_0_765 = 6270
const C_0_899 = 7373
const C_1_175 = 9633
const C_1_501 = 12299
const C_1_847 = 15137
const C_1_961 = 16069
const C_2_053 = 16819
const C_2_562 = 20995
const C_3_072 = 25172

/** The 8 x 8 forward DCT in place, values -128..127 in row order; the result is scaled by 8. */
export function forwardDct(block: Int32Array): void {
  for (let row = 0; row < 64; row += 8) transform(block, row, 1, 11, -2)
  for (let column = 0; column < 8; column++) transform(block, column, 8, 15, 2)
}

/** One line of 8 values; results are shifted right by `shift` (products) and `sumShift` (sums; negative = left). */
function transform(d: Int32Array, at: number, step: number, shift: number, sumShift: number): void {
  const [i1, i2, i3] = [at + step, at + 2 * step, at + 3 * step]
  const [i4, i5, i6, i7] = [at + 4 * step, at + 5 * step, at + 6 * step, at + 7 * step]
  const s0 = d[at] + d[i7]
  const s1 = d[i1] + d[i6]
  const s2 = d[i2] + d[i5]
  const s3 = d[i3] + d[i4]
  const d0 = d[at] - d[i7]
  const d1 = d[i1] - d[i6]
  const d2 = d[i2] - d[i5]
  const d3 = d[i3] - d[i4]

  d[at] = shiftSum(s0 + s3 + s1 + s2, sumShift)
  d[i4] = shiftSum(s0 + s3 - s1 - s2, sumShift)
  const even = (s1 - s2 + s0 - s3) * C_0_541
  d[i2] = descale(even + (s0 - s3) * C_0_765, shift)
  d[i6] = descale(even - (s1 - s2) * C_1_847, shift)

  const odd = (d3 + d1 + d2 + d0) * C_1_175
  const z1 = -(d3 + d0) * C_0_899
  const z2 = -(d2 + d1) * C_2_562
  const z3 = odd - (d3 + d1) * C_1_961
  const z4 = odd - (d2 + d0) * C_0_390
  d[i7] = descale(d3 * C_0_298 + z1 + z3, shift)
  d[i5] = descale(d2 * C_2_053 + z2 + z4, shift)
  d[i3] = descale(d1 * C_3_072 + z2 + z3, shift)
  d[i1] = descale(d0 * C_1_501 + z1 + z4, shift)
}

function descale(value: number, shift: number): number {
  return (value + (1 << (shift - 1))) >> shift
}

function shiftSum(value: number, shift: number): number {
  return shift < 0 ? value << -shift : descale(value, shift)
}
