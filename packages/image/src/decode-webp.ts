import { damaged } from './errors.ts'
import webpWasm from './generated/webp-wasm.ts'
import type { ImageHead } from './head.ts'
import type { Image } from './types.ts'
import { allocate, noSystemCall, place, type WasmExports, wasmFactory } from './wasm.ts'

interface Libwebp extends WasmExports {
  /** Pointer to width * height * 4 bytes, straight alpha; 0 when the file is broken or ends early. */
  WebPDecodeRGBA(bytes: number, length: number, width: number, height: number): number
}

const newLibwebp = wasmFactory<Libwebp>(webpWasm, {
  wasi_snapshot_preview1: {
    fd_close: noSystemCall,
    fd_seek: noSystemCall,
    fd_write: noSystemCall,
  },
})

/** The pixels of a still WebP as stored, by libwebp; `head` is this file's. */
export async function decodeWebp(bytes: Uint8Array, head: ImageHead): Promise<Image> {
  const { width, height } = head
  const webp = await newLibwebp()
  const size = allocate(webp, 8)
  const pixels = webp.WebPDecodeRGBA(place(webp, bytes), bytes.length, size, size + 4) >>> 0
  const [decodedWidth, decodedHeight] = new Uint32Array(webp.memory.buffer, size, 2)
  if (pixels === 0 || decodedWidth !== width || decodedHeight !== height)
    throw damaged('its pixels cannot be read')
  return {
    width,
    height,
    data: new Uint8ClampedArray(webp.memory.buffer, pixels, 4 * width * height).slice(),
  }
}
