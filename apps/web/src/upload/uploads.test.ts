import { ApiError, NetworkError } from '@gen3d/client/errors'
import { UploadRefused } from '@gen3d/client/upload'
import { describe, expect, it } from 'vitest'
import { checkPhoto } from './check-photo.ts'
import { wayOut } from './uploads.ts'

/** The first bytes of a PNG: signature and header, then nothing. */
function pngHead(width: number, height: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(64)
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52])
  new DataView(bytes.buffer).setUint32(16, width)
  new DataView(bytes.buffer).setUint32(20, height)
  bytes.set([8, 2, 0, 0, 0], 24)
  // An empty IDAT ends the head.
  bytes.set([0, 0, 0, 0, 0x49, 0x44, 0x41, 0x54], 33)
  return bytes
}

describe('a photo before it is sent', () => {
  it('is known by its content, not by its name', () => {
    expect(checkPhoto('holiday.jpg', pngHead(640, 480))).toMatchObject({
      contentType: 'image/png',
      width: 640,
      height: 480,
    })
  })

  it.each([
    ['what is no picture', new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['an empty file', new Uint8Array()],
    ['too many pixels a side', pngHead(9000, 10)],
    ['too many pixels', pngHead(8000, 8000)],
    ['too many bytes', new Uint8Array(20 * 1024 * 1024 + 1)],
  ])('refuses %s and says what to do', (_, bytes) => {
    expect(() => checkPhoto('x.png', bytes)).toThrow(/\. \w|\w\. /)
  })
})

describe('the way out of a failed upload', () => {
  it.each([
    ['again', new NetworkError('gone')],
    ['fresh', new UploadRefused(403)],
    ['other_photo', new ApiError({ status: 422, code: 'invalid_photo', message: 'no' })],
    ['again', new ApiError({ status: 503, code: 'unavailable', message: 'later' })],
  ] as const)('is %s for %s', (way, error) => {
    expect(wayOut(error)).toBe(way)
  })
})
