/**
 * A Gaussian splat as SPZ version 2, the small open format of Niantic (MIT): columns of whole numbers, packed by gzip.
 * Version 2 because every reader of SPZ knows it; 3 and 4 only turn rotations finer.
 *
 *   header     16 bytes: u32 magic "NGSP", u32 version 2, u32 count, u8 degree of the spherical harmonics (0),
 *              u8 fractional bits, u8 flags (0), u8 0
 *   positions  per gaussian x y z, 24-bit signed whole numbers, little-endian: metres * 2^fractional bits
 *   alphas     u8: opacity * 255
 *   colours    3 u8: (colour - 0.5) / 0.2820948 * 0.15 * 255 + 127.5
 *   scales     3 u8: (natural logarithm of metres + 10) * 16
 *   rotations  3 u8: x y z of the unit quaternion with w >= 0: value * 127.5 + 127.5
 *
 * The frame is y_up, as the manifest's ("RUB" in SPZ's words). Gaussians are put in Morton order, which packs best.
 */
import { gzipSync } from 'fflate'
import { ln } from '../reconstruct/arithmetic.ts'
import type { Splat } from '../reconstruct/splat.ts'
import { byteWriter } from './byte-writer.ts'
import { mortonOrder } from './morton.ts'
import { SH_C0 } from './ply.ts'

const MAGIC = 0x5053474e
const VERSION = 2
const HEADER_BYTES = 16
const GAUSSIAN_BYTES = 9 + 1 + 3 + 3 + 3
/** 1/65536 m, a tenth of the thinnest gaussian; fewer bits only where the scene is wider than 128 m. */
const MOST_FRACTIONAL_BITS = 16
const LARGEST = (1 << 23) - 1
const COLOUR_SCALE = 0.15

/** Whole number 0-255 nearest to the value. */
function byte(value: number): number {
  return Math.max(0, Math.min(255, Math.floor(value + 0.5)))
}

/** Writes a splat, or several as one. */
export function writeSpz(splats: readonly Splat[]): Uint8Array<ArrayBuffer> {
  const count = splats.reduce((sum, splat) => sum + splat.count, 0)
  const positions = new Float32Array(count * 3)
  const scales = new Float32Array(count * 3)
  const rotations = new Float32Array(count * 4)
  const colors = new Float32Array(count * 3)
  const opacities = new Float32Array(count)
  let first = 0
  for (const splat of splats) {
    positions.set(splat.positions, 3 * first)
    scales.set(splat.scales, 3 * first)
    rotations.set(splat.rotations, 4 * first)
    colors.set(splat.colors, 3 * first)
    opacities.set(splat.opacities, first)
    first += splat.count
  }
  const farthest = positions.reduce((most, value) => Math.max(most, value < 0 ? -value : value), 0)
  let bits = MOST_FRACTIONAL_BITS
  while (bits > 0 && farthest * (1 << bits) > LARGEST) bits--

  const order = mortonOrder(positions)
  const out = byteWriter(HEADER_BYTES + count * GAUSSIAN_BYTES)
  out.u32(MAGIC)
  out.u32(VERSION)
  out.u32(count)
  out.u8(0)
  out.u8(bits)
  out.u16(0)
  for (const i of order) {
    for (let k = 0; k < 3; k++) {
      const whole = Math.floor(positions[3 * i + k] * (1 << bits) + 0.5)
      out.u8(whole & 255)
      out.u8((whole >> 8) & 255)
      out.u8((whole >> 16) & 255)
    }
  }
  for (const i of order) out.u8(byte(opacities[i] * 255))
  for (const i of order)
    for (let k = 0; k < 3; k++) out.u8(byte(((colors[3 * i + k] - 0.5) / SH_C0) * COLOUR_SCALE * 255 + 127.5))
  for (const i of order) for (let k = 0; k < 3; k++) out.u8(byte((ln(scales[3 * i + k]) + 10) * 16))
  for (const i of order) {
    const sign = rotations[4 * i] < 0 ? -1 : 1
    for (let k = 1; k < 4; k++) out.u8(byte(sign * rotations[4 * i + k] * 127.5 + 127.5))
  }
  // No time in the file: the same splat gives the same bytes.
  return gzipSync(out.bytes, { level: 6, mtime: 0 }) as Uint8Array<ArrayBuffer>
}
