import { zlibSync } from 'fflate'
import { crc32, PNG_SIGNATURE } from './png-chunks.ts'
import { paeth } from './png-filters.ts'

interface PngPixels {
  readonly width: number
  readonly height: number
  /** 0 gray, 2 RGB, 6 RGBA; 8 bits a channel. */
  readonly colorType: 0 | 2 | 6
  readonly data: Uint8Array | Uint8ClampedArray
}

const CHANNELS = { 0: 1, 2: 3, 6: 4 } as const

/** Writes a PNG; the same pixels give the same bytes on every machine, for the deflater is JavaScript, not the host's. */
export function writePng({ width, height, colorType, data }: PngPixels): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(13)
  const view = new DataView(head.buffer)
  view.setUint32(0, width)
  view.setUint32(4, height)
  head.set([8, colorType, 0, 0, 0], 8)
  const rows = filterRows(data, width * CHANNELS[colorType], height, CHANNELS[colorType])
  // A fixed `mem`: otherwise it comes from Math.log, which need not be the same everywhere.
  const pixels = zlibSync(rows, { level: 6, mem: 8 })
  return concat([
    Uint8Array.from(PNG_SIGNATURE),
    chunk('IHDR', head),
    chunk('IDAT', pixels),
    chunk('IEND', new Uint8Array(0)),
  ])
}

/** Chooses each row's filter by the smallest sum of absolute differences, as the PNG standard advises. */
function filterRows(
  data: Uint8Array | Uint8ClampedArray,
  rowBytes: number,
  height: number,
  step: number,
): Uint8Array {
  const result = new Uint8Array((rowBytes + 1) * height)
  // Rows with `step` zeros before them, so that the first pixel has a left neighbour.
  let row = new Uint8Array(step + rowBytes)
  let above = new Uint8Array(step + rowBytes)
  const tries = [0, 1, 2, 3, 4].map(() => new Uint8Array(rowBytes))
  for (let y = 0; y < height; y++) {
    row.set(data.subarray(y * rowBytes, (y + 1) * rowBytes), step)
    predictRow(row, above, step, tries)
    const sums = tries.map(sumOfDifferences)
    const best = sums.indexOf(Math.min(...sums))
    result[y * (rowBytes + 1)] = best
    result.set(tries[best], y * (rowBytes + 1) + 1)
    ;[row, above] = [above, row]
  }
  return result
}

function predictRow(row: Uint8Array, above: Uint8Array, step: number, tries: readonly Uint8Array[]): void {
  const [none, fromLeft, fromUp, fromAverage, fromPaeth] = tries
  for (let i = 0, at = step; at < row.length; i++, at++) {
    const value = row[at]
    const left = row[at - step]
    const up = above[at]
    none[i] = value
    fromLeft[i] = value - left
    fromUp[i] = value - up
    fromAverage[i] = value - ((left + up) >> 1)
    fromPaeth[i] = value - paeth(left, up, above[at - step])
  }
}

function sumOfDifferences(row: Uint8Array): number {
  let sum = 0
  for (let i = 0; i < row.length; i++) sum += row[i] < 128 ? row[i] : 256 - row[i]
  return sum
}

function chunk(type: string, body: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + body.length)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, body.length)
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i)
  bytes.set(body, 8)
  view.setUint32(8 + body.length, crc32(bytes, 4, 8 + body.length))
  return bytes
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
