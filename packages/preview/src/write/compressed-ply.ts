/**
 * A Gaussian splat as PlayCanvas' compressed PLY, 16 bytes a gaussian and 72 bytes for every 256 of them.
 *
 *   header   ASCII lines, as below
 *   chunk    per 256 gaussians 18 float32: least and largest x y z, scale x y z (natural logarithm), red green blue;
 *            all least values of a triple first, then all largest: min_xyz max_xyz min_scale max_scale min_rgb max_rgb
 *   vertex   per gaussian 4 uint32:
 *            position   x 11 bits (highest), y 10, z 11: part of the way from the chunk's least to its largest
 *            rotation   2 bits: which of w x y z is largest (and taken as positive); the others in order, 10 bits
 *                       each: value * sqrt(1/2) + 0.5
 *            scale      as position, of the logarithms
 *            colour     red, green, blue between the chunk's least and largest, opacity 0-1; 8 bits each
 *
 * The frame is y_down, as in a plain PLY. Gaussians are put in Morton order, so that a chunk is a small place.
 */
import type { Splat } from '../reconstruct/splat.ts'
import { byteWriter } from './byte-writer.ts'
import { mortonOrder } from './morton.ts'
import { rowOf, type SplatRow } from './ply.ts'

const CHUNK = 256
const TRIPLES = ['', 'scale_', 'rgb'] as const

function chunkProperties(): string[] {
  const names: string[] = []
  for (const triple of TRIPLES)
    for (const end of ['min', 'max'])
      for (const axis of triple === 'rgb' ? ['r', 'g', 'b'] : ['x', 'y', 'z'])
        names.push(`property float ${end}_${triple === 'rgb' ? '' : triple}${axis}`)
  return names
}

function unit(value: number, min: number, max: number, bits: number): number {
  const steps = (1 << bits) - 1
  const part = max - min < 1e-5 ? 0 : (value - min) / (max - min)
  return Math.max(0, Math.min(steps, Math.floor(part * steps + 0.5)))
}

function packTriple(v: readonly number[], min: readonly number[], max: readonly number[]): number {
  return (
    ((unit(v[0], min[0], max[0], 11) << 21) |
      (unit(v[1], min[1], max[1], 10) << 11) |
      unit(v[2], min[2], max[2], 11)) >>>
    0
  )
}

function packRotation(q: readonly number[]): number {
  let largest = 0
  for (let i = 1; i < 4; i++) if (Math.abs(q[i]) > Math.abs(q[largest])) largest = i
  const sign = q[largest] < 0 ? -1 : 1
  let packed = largest
  for (let i = 0; i < 4; i++)
    if (i !== largest) packed = (packed << 10) | unit(sign * q[i] * Math.SQRT1_2 + 0.5, 0, 1, 10)
  return packed >>> 0
}

/** Writes a splat, or several as one. */
export function writeCompressedPly(splats: readonly Splat[]): Uint8Array<ArrayBuffer> {
  const all: SplatRow[] = []
  for (const splat of splats) for (let i = 0; i < splat.count; i++) all.push(rowOf(splat, i))
  const places = new Float32Array(3 * all.length)
  all.forEach(({ position }, i) => {
    for (let d = 0; d < 3; d++) places[3 * i + d] = position[d]
  })
  const rows = Array.from(mortonOrder(places), (i) => all[i])
  const chunks = Math.ceil(rows.length / CHUNK)
  const header = [
    'ply',
    'format binary_little_endian 1.0',
    `element chunk ${chunks}`,
    ...chunkProperties(),
    `element vertex ${rows.length}`,
    ...['position', 'rotation', 'scale', 'color'].map((name) => `property uint packed_${name}`),
    'end_header',
    '',
  ].join('\n')
  const out = byteWriter(header.length + chunks * 18 * 4 + rows.length * 16)
  out.ascii(header)
  const ranges: { min: number[]; max: number[] }[][] = []
  for (let c = 0; c < chunks; c++) {
    const part = rows.slice(c * CHUNK, (c + 1) * CHUNK)
    const range = (values: (row: SplatRow) => readonly number[]): { min: number[]; max: number[] } => {
      const min = [Infinity, Infinity, Infinity]
      const max = [-Infinity, -Infinity, -Infinity]
      for (const row of part) {
        const v = values(row)
        for (let d = 0; d < 3; d++) {
          const value = Math.fround(v[d])
          if (value < min[d]) min[d] = value
          if (value > max[d]) max[d] = value
        }
      }
      return { min, max }
    }
    const own = [range((row) => row.position), range((row) => row.logScales), range((row) => row.colour)]
    ranges.push(own)
    for (const { min, max } of own) for (const value of [...min, ...max]) out.f32(value)
  }
  rows.forEach((row, i) => {
    const [place, scale, colour] = ranges[Math.floor(i / CHUNK)]
    out.u32(packTriple(row.position, place.min, place.max))
    out.u32(packRotation(row.rotation))
    out.u32(packTriple(row.logScales, scale.min, scale.max))
    let packed = 0
    for (let d = 0; d < 3; d++) packed = (packed << 8) | unit(row.colour[d], colour.min[d], colour.max[d], 8)
    out.u32(((packed << 8) | unit(row.opacity, 0, 1, 8)) >>> 0)
  })
  return out.bytes
}
