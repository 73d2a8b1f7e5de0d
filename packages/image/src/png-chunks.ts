import { damaged, unsupportedVariant } from './errors.ts'

export const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const

export interface PngParts {
  readonly width: number
  readonly height: number
  readonly bitDepth: number
  /** 0 gray, 2 RGB, 3 palette, 4 gray + alpha, 6 RGBA. */
  readonly colorType: number
  readonly interlaced: boolean
  readonly palette: Uint8Array | null
  readonly transparency: Uint8Array | null
  /** The bodies of the IDAT chunks: one zlib stream. */
  readonly pixels: readonly Uint8Array[]
}

const CRITICAL = /^[A-Z]/

/** Splits a whole PNG whose head was read; throws ImageError `damaged` when it is cut or a checksum is wrong. */
export function readPngParts(bytes: Uint8Array): PngParts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const pixels: Uint8Array[] = []
  let palette: Uint8Array | null = null
  let transparency: Uint8Array | null = null
  for (let at = 8; ; ) {
    if (at + 12 > bytes.length) throw damaged('the file ends early')
    const length = view.getUint32(at)
    if (at + 12 + length > bytes.length) throw damaged('the file ends early')
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8))
    const body = bytes.subarray(at + 8, at + 8 + length)
    const sound = crc32(bytes, at + 4, at + 8 + length) === view.getUint32(at + 8 + length)
    if (!sound && (CRITICAL.test(type) || type === 'tRNS')) throw damaged('a checksum is wrong')
    at += 12 + length
    if (type === 'IEND') break
    if (type === 'IDAT') pixels.push(body)
    else if (type === 'PLTE') palette = body
    else if (type === 'tRNS') transparency = body
    else if (type !== 'IHDR' && CRITICAL.test(type)) throw unsupportedVariant('a PNG with unknown parts')
  }
  if (pixels.length === 0) throw damaged('it has no pixels')
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    bitDepth: bytes[24],
    colorType: bytes[25],
    interlaced: bytes[28] === 1,
    palette,
    transparency,
    pixels,
  }
}

/** CRC-32 (polynomial EDB88320) of bytes[start..end), as PNG chunks carry it. */
export function crc32(bytes: Uint8Array, start: number, end: number): number {
  let crc = -1
  for (let i = start; i < end; i++) crc = CRC_TABLE[(crc ^ bytes[i]) & 0xff] ^ (crc >>> 8)
  return ~crc >>> 0
}

const CRC_TABLE = Int32Array.from({ length: 256 }, (_, n) => {
  let crc = n
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? 0xedb88320 ^ (crc >>> 1) : crc >>> 1
  return crc
})
