import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { unzlibSync } from 'fflate'
import { expect, test } from 'vitest'
import jpegTurboWasm from './generated/jpeg-turbo-wasm.ts'
import webpWasm from './generated/webp-wasm.ts'

const require = createRequire(import.meta.url)

test.each([
  ['@cwasm/jpeg-turbo/jpeg-turbo.wasm', jpegTurboWasm],
  ['@cwasm/webp/webp.wasm', webpWasm],
])('the packed decoder is %s, byte for byte', (file, packed) => {
  const unpacked = unzlibSync(Buffer.from(packed, 'base64'))

  expect(Buffer.compare(unpacked, readFileSync(require.resolve(file)))).toBe(0)
})
