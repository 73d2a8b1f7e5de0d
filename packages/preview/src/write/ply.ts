/**
 * A Gaussian splat as the PLY that 3D Gaussian splatting made common.
 *
 *   header   ASCII lines, as in HEADER below, each ended by \n
 *   body     per gaussian 17 float32, little-endian, 68 bytes:
 *            x y z         metres, frame y_down
 *            nx ny nz      0 0 0: readers expect the fields, none uses them
 *            f_dc_0..2     (colour - 0.5) / 0.2820948, the constant of the spherical harmonics
 *            opacity       logit
 *            scale_0..2    natural logarithm of the deviation in metres
 *            rot_0..3      unit quaternion w x y z
 */
import { ln } from '../reconstruct/arithmetic.ts'
import type { Splat } from '../reconstruct/splat.ts'
import { byteWriter } from './byte-writer.ts'

/** 1 / (2 sqrt pi), the spherical harmonic of degree 0. */
export const SH_C0 = 0.28209479177387814

const PROPERTIES =
  'x y z nx ny nz f_dc_0 f_dc_1 f_dc_2 opacity scale_0 scale_1 scale_2 rot_0 rot_1 rot_2 rot_3'.split(' ')

/** A splat's numbers as files hold them, in the frame y_down. */
export interface SplatRow {
  readonly position: readonly [number, number, number]
  readonly colour: readonly [number, number, number]
  readonly opacity: number
  readonly logScales: readonly [number, number, number]
  /** w, x, y, z. */
  readonly rotation: readonly [number, number, number, number]
}

/** Gaussian i turned by 180 degrees about Z, the frame in which 3DGS files are read. */
export function rowOf(splat: Splat, i: number): SplatRow {
  const { positions: p, rotations: r, scales: s, colors: c } = splat
  return {
    position: [-p[3 * i], -p[3 * i + 1], p[3 * i + 2]],
    colour: [c[3 * i], c[3 * i + 1], c[3 * i + 2]],
    opacity: splat.opacities[i],
    logScales: [ln(s[3 * i]), ln(s[3 * i + 1]), ln(s[3 * i + 2])],
    // (0, 0, 0, 1) * (w, x, y, z) = (-z, -y, x, w)
    rotation: [-r[4 * i + 3], -r[4 * i + 2], r[4 * i + 1], r[4 * i]],
  }
}

/** Writes a splat, or several as one. */
export function writePly(splats: readonly Splat[]): Uint8Array<ArrayBuffer> {
  const count = splats.reduce((sum, splat) => sum + splat.count, 0)
  const header = [
    'ply',
    'format binary_little_endian 1.0',
    `element vertex ${count}`,
    ...PROPERTIES.map((name) => `property float ${name}`),
    'end_header',
    '',
  ].join('\n')
  const out = byteWriter(header.length + count * PROPERTIES.length * 4)
  out.ascii(header)
  for (const splat of splats) {
    for (let i = 0; i < splat.count; i++) {
      const row = rowOf(splat, i)
      for (const value of row.position) out.f32(value)
      for (let k = 0; k < 3; k++) out.f32(0)
      for (const value of row.colour) out.f32((value - 0.5) / SH_C0)
      out.f32(ln(row.opacity / (1 - row.opacity)))
      for (const value of row.logScales) out.f32(value)
      for (const value of row.rotation) out.f32(value)
    }
  }
  return out.bytes
}
