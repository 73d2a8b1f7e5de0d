import { ApiError, NetworkError } from '@gen3d/client/errors'
import { UploadRefused } from '@gen3d/client/upload'
import { describe, expect, it } from 'vitest'
import { keepInMemory } from '../keep.ts'
import { checkPhoto } from './check-photo.ts'
import { createUploads, wayOut } from './uploads.ts'

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

/** Uploads whose sending fails as it is told to, with the photos that the browser keeps. */
function setUp() {
  const keep = keepInMemory()
  const state: { fault: Error | null; sent: number } = { fault: null, sent: 0 }
  const expires_at = new Date(Date.now() + 60_000).toISOString()
  const client = {
    createUpload: async () => ({ session_id: 's', upload: { url: 'x', fields: {} }, expires_at }),
    initialize: async () => ({ job_id: 'j', session_id: 's', kind: 'embed', state: 'QUEUED' }) as const,
  }
  const open = () =>
    createUploads(client, keep, async (_form, _photo, { signal } = {}) => {
      signal?.throwIfAborted()
      state.sent += 1
      if (state.fault) throw state.fault
    })
  const photo = checkPhoto('duck.png', pngHead(64, 48))
  return { keep, state, open, photo, kept: () => keep.read('photos', 's') }
}

describe('an upload', () => {
  it('that a broken line has stopped goes on by itself when the line is back', async () => {
    const { state, open, photo, kept } = setUp()
    state.fault = new NetworkError('gone')
    const uploads = open()
    const upload = await uploads.start(photo)
    await expect.poll(() => upload.state.value.kind).toBe('failed')
    state.fault = null
    uploads.resume()
    await expect.poll(() => upload.state.value).toEqual({ kind: 'done', embedJobId: 'j' })
    expect(await kept()).toBeUndefined()
    uploads.resume()
    expect(state.sent).toBe(2)
  })

  it.each([
    ['a broken line', new NetworkError('gone')],
    ['a form that is too old', new UploadRefused(403)],
  ])('is taken up again after %s and a reload', async (_, fault) => {
    const { state, open, photo } = setUp()
    state.fault = fault
    const before = await open().start(photo)
    await expect.poll(() => before.state.value.kind).toBe('failed')
    state.fault = null
    const after = await open().find('s')
    await expect.poll(() => after?.state.value.kind).toBe('done')
  })

  it('of a photo that is refused leaves nothing behind', async () => {
    const { state, open, photo, kept } = setUp()
    state.fault = new ApiError({ status: 422, code: 'invalid_photo', message: 'no' })
    const upload = await open().start(photo)
    await expect.poll(() => upload.state.value.kind).toBe('failed')
    await expect.poll(kept).toBeUndefined()
  })

  it('that was stopped can be started again', async () => {
    const { open, photo, kept } = setUp()
    const upload = await open().start(photo)
    upload.cancel()
    await expect.poll(() => upload.state.value.kind).toBe('cancelled')
    upload.again()
    await expect.poll(() => upload.state.value.kind).toBe('done')
    await expect.poll(kept).toBeUndefined()
  })
})
