import { zlibSync } from 'fflate'
import { crc32, PNG_SIGNATURE } from '../src/png-chunks.ts'

interface PngFile {
  readonly width: number
  readonly height: number
  readonly colorType: number
  readonly bitDepth?: number
  /** Filter byte and samples of every row, not compressed. */
  readonly rows: Uint8Array
  /** Chunks before the pixels. */
  readonly extra?: readonly (readonly [type: string, body: Uint8Array])[]
}

/** A PNG of any content, also one that no writer would make. */
export function pngFile({ width, height, colorType, bitDepth = 8, rows, extra = [] }: PngFile): Uint8Array {
  const size = (value: number) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]
  const head = Uint8Array.from([...size(width), ...size(height), bitDepth, colorType, 0, 0, 0])
  const chunks = [
    ['IHDR', head] as const,
    ...extra,
    ['IDAT', zlibSync(rows)] as const,
    ['IEND', new Uint8Array(0)] as const,
  ]
  const parts = chunks.map(([type, body]) => {
    const typed = Uint8Array.from([...new TextEncoder().encode(type), ...body])
    return Uint8Array.from([...size(body.length), ...typed, ...size(crc32(typed, 0, typed.length))])
  })
  return Uint8Array.from([...PNG_SIGNATURE, ...parts.flatMap((part) => [...part])])
}
