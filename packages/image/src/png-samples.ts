import { damaged } from './errors.ts'
import type { PngParts } from './png-chunks.ts'

/** Channels stored for each colour type. */
export const CHANNELS: Record<number, number> = {
  0: 1,
  2: 3,
  3: 1,
  4: 2,
  6: 4,
}

/** Writes one stored row as RGBA: its pixel i at byte `at + i * step` of `target`. */
type RowWriter = (row: Uint8Array, count: number, target: Uint8ClampedArray, at: number, step: number) => void

/** The writer for a PNG's colour type and depth; throws ImageError `damaged` when a palette is missing. */
export function rowWriter(png: PngParts): RowWriter {
  if (png.bitDepth === 8 && png.colorType !== 3 && !png.transparency) return plainWriter(png.colorType)
  switch (png.colorType) {
    case 3:
      return paletteWriter(png)
    case 2:
    case 6:
      return colorWriter(png)
    default:
      return grayWriter(png)
  }
}

/** 8 bits a channel and no transparent key: nearly every PNG, so without a call per sample. */
function plainWriter(colorType: number): RowWriter {
  const channels = CHANNELS[colorType]
  const green = channels > 2 ? 1 : 0
  const blue = channels > 2 ? 2 : 0
  const hasAlpha = channels % 2 === 0
  return (row, count, target, start, step) => {
    for (let i = 0, from = 0, at = start; i < count; i++, from += channels, at += step) {
      target[at] = row[from]
      target[at + 1] = row[from + green]
      target[at + 2] = row[from + blue]
      target[at + 3] = hasAlpha ? row[from + channels - 1] : 255
    }
  }
}

/** Reads sample i of a row as stored, 1 to 16 bits. */
function sampleReader(bitDepth: number): (row: Uint8Array, i: number) => number {
  if (bitDepth === 8) return (row, i) => row[i]
  if (bitDepth === 16) return (row, i) => (row[2 * i] << 8) | row[2 * i + 1]
  const perByte = 8 / bitDepth
  const mask = (1 << bitDepth) - 1
  return (row, i) => (row[(i / perByte) | 0] >> (8 - bitDepth * ((i % perByte) + 1))) & mask
}

/** Stored sample to 0..255; 16 bits are rounded to the nearest (v / 257). */
function scaler(bitDepth: number): (value: number) => number {
  if (bitDepth === 16) return (value) => (value * 255 + 32895) >>> 16
  const factor = 255 / ((1 << bitDepth) - 1)
  return (value) => value * factor
}

/** The stored samples that mean "transparent" (tRNS of gray and RGB), else values that no sample has. */
function transparentKey({ transparency, colorType }: PngParts): readonly number[] {
  const count = colorType === 2 ? 3 : colorType === 0 ? 1 : 0
  if (!transparency || transparency.length < 2 * count) return [-1, -1, -1]
  return Array.from({ length: count }, (_, i) => (transparency[2 * i] << 8) | transparency[2 * i + 1])
}

function grayWriter(png: PngParts): RowWriter {
  const read = sampleReader(png.bitDepth)
  const scale = scaler(png.bitDepth)
  const hasAlpha = png.colorType === 4
  const channels = hasAlpha ? 2 : 1
  const [key] = transparentKey(png)
  return (row, count, target, start, step) => {
    for (let i = 0, at = start; i < count; i++, at += step) {
      const stored = read(row, i * channels)
      const gray = scale(stored)
      target[at] = gray
      target[at + 1] = gray
      target[at + 2] = gray
      target[at + 3] = hasAlpha ? scale(read(row, i * channels + 1)) : stored === key ? 0 : 255
    }
  }
}

function colorWriter(png: PngParts): RowWriter {
  const read = sampleReader(png.bitDepth)
  const scale = scaler(png.bitDepth)
  const hasAlpha = png.colorType === 6
  const channels = hasAlpha ? 4 : 3
  const [keyRed, keyGreen, keyBlue] = transparentKey(png)
  return (row, count, target, start, step) => {
    for (let i = 0, from = 0, at = start; i < count; i++, from += channels, at += step) {
      const red = read(row, from)
      const green = read(row, from + 1)
      const blue = read(row, from + 2)
      target[at] = scale(red)
      target[at + 1] = scale(green)
      target[at + 2] = scale(blue)
      if (hasAlpha) target[at + 3] = scale(read(row, from + 3))
      else target[at + 3] = red === keyRed && green === keyGreen && blue === keyBlue ? 0 : 255
    }
  }
}

function paletteWriter({ palette, transparency, bitDepth }: PngParts): RowWriter {
  if (!palette || palette.length < 3) throw damaged('its palette is missing')
  const read = sampleReader(bitDepth)
  // Indices beyond the palette are opaque black, as browsers show them.
  const colors = new Uint8Array(4 * 256)
  for (let i = 0; i < 256; i++) {
    colors.set(palette.subarray(3 * i, 3 * i + 3), 4 * i)
    colors[4 * i + 3] = transparency?.[i] ?? 255
  }
  return (row, count, target, start, step) => {
    for (let i = 0, at = start; i < count; i++, at += step) {
      const from = 4 * read(row, i)
      target[at] = colors[from]
      target[at + 1] = colors[from + 1]
      target[at + 2] = colors[from + 2]
      target[at + 3] = colors[from + 3]
    }
  }
}
