import { huffmanCodes, JpegWriter } from './jpeg-bits.ts'
import { forwardDct } from './jpeg-dct.ts'
import { CHROMA_AC, CHROMA_DC, CHROMA_STEPS, LUMA_AC, LUMA_DC, LUMA_STEPS, ZIGZAG } from './jpeg-tables.ts'
import type { Image } from './types.ts'

/** From here on colour is stored at full size; below, at half (4:2:0), as cameras do. */
const FULL_COLOR_QUALITY = 90

interface Plane {
  readonly data: Uint8Array
  readonly width: number
  readonly blocksPerMcu: number
}

/**
 * Writes a baseline JPEG; quality 1..100 as libjpeg counts it, alpha is dropped (blend before). The same pixels give
 * the same bytes everywhere. Throws RangeError on another quality or a side beyond 65535 pixels.
 */
export function encodeJpeg(image: Image, quality: number): Uint8Array<ArrayBuffer> {
  const { width, height } = image
  if (!(quality >= 1 && quality <= 100)) throw new RangeError(`quality ${quality} is not within 1..100`)
  if (Math.max(width, height) > 0xffff) throw new RangeError('a JPEG has at most 65535 pixels a side')
  const steps = [scaleSteps(LUMA_STEPS, quality), scaleSteps(CHROMA_STEPS, quality)]
  const half = quality < FULL_COLOR_QUALITY
  const writer = new JpegWriter()
  writeHead(writer, width, height, half, steps)
  writeScan(writer, toPlanes(image, half), steps)
  return writer.finish()
}

function scaleSteps(steps: Uint8Array, quality: number): Uint8Array {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality
  return steps.map((step) => Math.min(255, Math.max(1, Math.floor((step * Math.floor(scale) + 50) / 100))))
}

function writeHead(
  writer: JpegWriter,
  width: number,
  height: number,
  half: boolean,
  steps: Uint8Array[],
): void {
  writer.write([0xff, 0xd8])
  writer.writeSegment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0])
  writer.writeSegment(0xdb, [0, ...steps[0], 1, ...steps[1]])
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff]
  writer.writeSegment(0xc0, [8, ...size, 3, 1, half ? 0x22 : 0x11, 0, 2, 0x11, 1, 3, 0x11, 1])
  writer.writeSegment(0xc4, [0x00, ...LUMA_DC, 0x10, ...LUMA_AC, 0x01, ...CHROMA_DC, 0x11, ...CHROMA_AC])
  writer.writeSegment(0xda, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0])
}

/** Y, Cb, Cr (JFIF, 16-bit fixed point), padded to whole MCUs by repeating the last column and row. */
function toPlanes({ width, height, data }: Image, half: boolean): Plane[] {
  const mcu = half ? 16 : 8
  const paddedWidth = Math.ceil(width / mcu) * mcu
  const paddedHeight = Math.ceil(height / mcu) * mcu
  const planes = [0, 1, 2].map(() => new Uint8Array(paddedWidth * paddedHeight))
  const [luma, blue, red] = planes
  for (let y = 0, to = 0; y < paddedHeight; y++) {
    const row = Math.min(y, height - 1) * width
    for (let x = 0; x < paddedWidth; x++, to++) {
      const at = 4 * (row + Math.min(x, width - 1))
      const [r, g, b] = [data[at], data[at + 1], data[at + 2]]
      luma[to] = (19595 * r + 38470 * g + 7471 * b + 32768) >> 16
      blue[to] = (-11059 * r - 21709 * g + 32768 * b + 8421375) >> 16
      red[to] = (32768 * r - 27439 * g - 5329 * b + 8421375) >> 16
    }
  }
  return planes.map((plane, i) =>
    half && i > 0
      ? { data: halve(plane, paddedWidth, paddedHeight), width: paddedWidth / 2, blocksPerMcu: 1 }
      : { data: plane, width: paddedWidth, blocksPerMcu: mcu / 8 },
  )
}

function halve(plane: Uint8Array, width: number, height: number): Uint8Array {
  const result = new Uint8Array((width * height) / 4)
  for (let y = 0, to = 0; y < height; y += 2) {
    for (let x = 0, at = y * width; x < width; x += 2, at += 2) {
      result[to++] = (plane[at] + plane[at + 1] + plane[at + width] + plane[at + width + 1] + 2) >> 2
    }
  }
  return result
}

function writeScan(writer: JpegWriter, planes: Plane[], steps: Uint8Array[]): void {
  const luma = { dc: huffmanCodes(LUMA_DC), ac: huffmanCodes(LUMA_AC), steps: steps[0] }
  const chroma = { dc: huffmanCodes(CHROMA_DC), ac: huffmanCodes(CHROMA_AC), steps: steps[1] }
  const block = new Int32Array(64)
  const dc = [0, 0, 0]
  const [{ data, width, blocksPerMcu }] = planes
  const mcuColumns = width / (8 * blocksPerMcu)
  const mcuRows = data.length / width / (8 * blocksPerMcu)
  for (let mcuY = 0; mcuY < mcuRows; mcuY++) {
    for (let mcuX = 0; mcuX < mcuColumns; mcuX++) {
      planes.forEach((plane, channel) => {
        const tables = channel === 0 ? luma : chroma
        const n = plane.blocksPerMcu
        for (let i = 0; i < n * n; i++) {
          const x = mcuX * n + (i % n)
          const y = mcuY * n + Math.floor(i / n)
          readBlock(plane, 8 * (y * plane.width + x), block)
          forwardDct(block)
          quantise(block, tables.steps)
          dc[channel] = writer.writeBlock(block, dc[channel], tables.dc, tables.ac)
        }
      })
    }
  }
}

function readBlock(plane: Plane, start: number, block: Int32Array): void {
  for (let i = 0; i < 64; i++) block[i] = plane.data[start + (i >> 3) * plane.width + (i & 7)] - 128
}

/** The DCT's results are scaled by 8; rounds to the nearest, halves away from zero. */
function quantise(block: Int32Array, steps: Uint8Array): void {
  for (let k = 0; k < 64; k++) {
    const i = ZIGZAG[k]
    const step = 8 * steps[k]
    const value = block[i]
    block[i] =
      value < 0 ? -Math.floor((-value + (step >> 1)) / step) : Math.floor((value + (step >> 1)) / step)
  }
}
