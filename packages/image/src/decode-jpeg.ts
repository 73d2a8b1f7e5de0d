import { damaged } from './errors.ts'
import jpegTurboWasm from './generated/jpeg-turbo-wasm.ts'
import type { ImageHead } from './head.ts'
import { readJpegParts } from './jpeg-segments.ts'
import type { Image } from './types.ts'
import { allocate, noSystemCall, place, type WasmExports, wasmFactory } from './wasm.ts'

/** TurboJPEG 2.0; 0 = done, -1 = failed or done with a warning. Anything fatal leaves by an exception (longjmp). */
interface JpegTurbo extends WasmExports {
  tjInitDecompress(): number
  tjDecompress2(
    handle: number,
    bytes: number,
    length: number,
    pixels: number,
    width: number,
    pitch: number,
    height: number,
    pixelFormat: number,
    flags: number,
  ): number
}

const PIXELS_RGBA = 7
const PIXELS_CMYK = 11

const newJpegTurbo = wasmFactory<JpegTurbo>(jpegTurboWasm, {
  env: { setjmp: () => 0, longjmp: noSystemCall },
  wasi_snapshot_preview1: {
    proc_exit: noSystemCall,
    environ_sizes_get: () => 0,
    environ_get: noSystemCall,
    fd_close: noSystemCall,
    fd_seek: noSystemCall,
    fd_write: noSystemCall,
  },
})

/** The pixels of a JPEG as stored, by libjpeg-turbo (exact integer DCT, smooth chroma); `head` is this file's. */
export async function decodeJpeg(bytes: Uint8Array, head: ImageHead): Promise<Image> {
  const { width, height } = head
  const parts = readJpegParts(bytes)
  const turbo = await newJpegTurbo()
  const messageAt = findMessage(turbo)
  const source = place(turbo, parts.bytes)
  const pixels = allocate(turbo, 4 * width * height)
  const format = parts.channels === 4 ? PIXELS_CMYK : PIXELS_RGBA
  const handle = turbo.tjInitDecompress()
  const status = turbo.tjDecompress2(
    handle,
    source,
    parts.bytes.length,
    pixels,
    width,
    4 * width,
    height,
    format,
    0,
  )
  if (status !== 0) {
    const message = readMessage(turbo, messageAt)
    if (!isHarmless(message, parts.scans)) throw damaged('its pixels cannot be read', new Error(message))
  }
  const data = new Uint8ClampedArray(turbo.memory.buffer, pixels, 4 * width * height).slice()
  if (format === PIXELS_CMYK) convertCmyk(data, parts.adobe)
  return { width, height, data }
}

/**
 * Many cameras leave stray bytes behind a scan, and every viewer shows such photos. TurboJPEG tells only the first
 * warning: where that is the stray bytes behind the only scan, all pixels had been read without one.
 */
function isHarmless(warning: string, scans: number): boolean {
  return scans === 1 && warning.includes('extraneous bytes before marker')
}

/** Bytes of TurboJPEG's message buffer; it is not exported, but holds "No error" and zeros before the first message. */
const MESSAGE_BYTES = 200
const FIRST_MESSAGE = Uint8Array.from({ length: MESSAGE_BYTES }, (_, i) => 'No error'.charCodeAt(i) || 0)

function findMessage(turbo: JpegTurbo): number {
  const memory = new Uint8Array(turbo.memory.buffer)
  for (let at = memory.indexOf(FIRST_MESSAGE[0]); at >= 0; at = memory.indexOf(FIRST_MESSAGE[0], at + 1)) {
    if (FIRST_MESSAGE.every((byte, i) => memory[at + i] === byte)) return at
  }
  throw new Error('TurboJPEG has no message buffer')
}

function readMessage(turbo: JpegTurbo, at: number): string {
  const bytes = new Uint8Array(turbo.memory.buffer, at, MESSAGE_BYTES)
  return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)))
}

/** Ink to light without a profile, in place: about the right colours. Adobe stores 255 - ink. */
function convertCmyk(data: Uint8ClampedArray, inverted: boolean): void {
  const flip = inverted ? 0 : 255
  for (let i = 0; i < data.length; i += 4) {
    const light = data[i + 3] ^ flip
    data[i] = ((data[i] ^ flip) * light) / 255
    data[i + 1] = ((data[i + 1] ^ flip) * light) / 255
    data[i + 2] = ((data[i + 2] ^ flip) * light) / 255
    data[i + 3] = 255
  }
}
