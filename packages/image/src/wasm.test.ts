import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { unzlibSync, zlibSync } from 'fflate'
import { expect, test } from 'vitest'
import jpegTurboWasm from './generated/jpeg-turbo-wasm.ts'
import webpWasm from './generated/webp-wasm.ts'
import { wasmFactory } from './wasm.ts'

const require = createRequire(import.meta.url)

test.each([
  ['jpeg-turbo', require.resolve('@cwasm/jpeg-turbo/jpeg-turbo.wasm'), jpegTurboWasm],
  ['webp', require.resolve('@cwasm/webp/webp.wasm'), webpWasm],
])('the packed decoder is that of @cwasm/%s, byte for byte', (_, file, packed) => {
  const unpacked = unzlibSync(Buffer.from(packed, 'base64'))

  expect(Buffer.compare(unpacked, readFileSync(file))).toBe(0)
})

test('a decoder that does not load is not blamed on the picture', async () => {
  const broken = Buffer.from(zlibSync(Uint8Array.of(1, 2, 3))).toString('base64')

  await expect(wasmFactory(broken, {})()).rejects.toMatchObject({ code: 'decoder_unavailable' })
})

test('every picture gets an instance with memory of its own', async () => {
  const noCall = () => 0
  const newInstance = wasmFactory(webpWasm, {
    wasi_snapshot_preview1: { fd_close: noCall, fd_seek: noCall, fd_write: noCall },
  })
  const [first, second] = [await newInstance(), await newInstance()]

  expect(first.memory.buffer).not.toBe(second.memory.buffer)
})
