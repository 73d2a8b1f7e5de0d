/** Share links, renaming and the export, over plain HTTP against the running stack. */

import { createClient } from '@gen3d/client/client'
import { ApiError } from '@gen3d/client/errors'
import { waitForJob } from '@gen3d/client/wait'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { ENGINES } from '@gen3d/shared/engines'
import { unzipSync } from 'fflate'
import { beforeAll, expect, inject, test } from 'vitest'
import { drawDuck } from '../fixtures/duck.ts'
import { signIn, upload } from './session.ts'

const SECRET_PLACE = 'GEN3D-SECRET-PLACE'
const duck = drawDuck(320, 240)
const mask = writeMaskPng(duck.mask)
const photo = withPlace(encodeJpeg(duck.image, 92))
const stack = inject('stack')
let owner: Awaited<ReturnType<typeof signIn>>
let sessionId = ''

/** Somebody who has never signed in: asking for a token would be a fault. */
const stranger = createClient({
  apiUrl: stack.api_url,
  idToken: () => Promise.reject(new Error('a stranger was asked for a token')),
})

beforeAll(async () => {
  owner = await signIn(stack)
  sessionId = await upload(owner.client, photo, 'image/jpeg')
  const accepted = await owner.client.reconstruct({
    session_id: sessionId,
    masks: [{ png_base64: Buffer.from(mask).toString('base64'), name: 'duck' }],
    options: { formats: [...ENGINES.preview.formats], quality: 'draft', seed: 7 },
  })
  expect(await waitForJob(owner.client, accepted.job_id)).toMatchObject({ state: 'COMPLETED' })
})

/** A JPEG with EXIF: a description and a position, as phones write them. */
function withPlace(jpeg: Uint8Array): Uint8Array<ArrayBuffer> {
  const text = Buffer.from(`${SECRET_PLACE}\0`)
  const tiff = Buffer.alloc(8 + 2 + 2 * 12 + 4 + 2 + 12 + 4 + text.length)
  const gpsAt = 8 + 2 + 2 * 12 + 4
  const textAt = gpsAt + 2 + 12 + 4
  tiff.write('II*\0', 0, 'latin1')
  tiff.writeUInt32LE(8, 4)
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    tiff.writeUInt16LE(tag, at)
    tiff.writeUInt16LE(type, at + 2)
    tiff.writeUInt32LE(count, at + 4)
    tiff.writeUInt32LE(value, at + 8)
  }
  tiff.writeUInt16LE(2, 8)
  entry(10, 0x010e, 2, text.length, textAt)
  entry(22, 0x8825, 4, 1, gpsAt)
  tiff.writeUInt16LE(1, gpsAt)
  // GPSLatitudeRef "N".
  entry(gpsAt + 2, 1, 2, 2, 'N'.charCodeAt(0))
  text.copy(tiff, textAt)
  const payload = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff])
  const head = Buffer.from([0xff, 0xe1, (payload.length + 2) >> 8, (payload.length + 2) & 255])
  return new Uint8Array(Buffer.concat([jpeg.subarray(0, 2), head, payload, jpeg.subarray(2)]))
}

async function refusal(call: Promise<unknown>): Promise<{ status: number; code: string }> {
  const error = await call.then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ApiError)
  const { status, code } = error as ApiError
  return { status, code }
}

const GONE = { status: 404, code: 'not_found' }
const bytesOf = async (url: string) => {
  const answer = await fetch(url)
  expect(answer.status).toBe(200)
  return Buffer.from(await answer.arrayBuffer())
}

/** A file and everything in it that is packed once more. */
function unpack(bytes: Buffer): Buffer[] {
  if (bytes.subarray(0, 4).toString('latin1') !== 'PK\x03\x04') return [bytes]
  return [bytes, ...Object.values(unzipSync(new Uint8Array(bytes))).map((inner) => Buffer.from(inner))]
}

/** Where EXIF, GPS or XMP could stand in a picture or a model. */
const TRACES = ['Exif\0\0', 'eXIf', 'GPSLatitude', 'http://ns.adobe.com/xap', SECRET_PLACE]

test('the photo of this suite has what must not be passed on', () => {
  for (const trace of ['Exif\0\0', SECRET_PLACE])
    expect(Buffer.from(photo).includes(trace, 0, 'latin1')).toBe(true)
})

test('a link shows the objects to somebody without a sign-in, free of EXIF, until it is revoked', async () => {
  const { client } = owner
  const { token, expires_at } = await client.shareSession(sessionId, { days: 1 })
  expect(await client.shareSession(sessionId)).toEqual({ token, expires_at })
  expect((await client.readSession(sessionId)).shared_until).toBe(expires_at)

  const shown = await stranger.readShared(token)
  expect(shown).toMatchObject({ name: 'photo', expires_at, engine: { name: 'preview' } })
  expect(shown.objects.map(({ name }) => name)).toEqual(['duck'])
  const formats = shown.objects[0].files.map(({ format }) => format)
  expect([...formats].sort()).toEqual([...ENGINES.preview.formats].sort())
  const text = JSON.stringify(shown)
  for (const secret of ['original_image', '/masks/', 'manifest.json', stack.username])
    expect(text).not.toContain(secret)
  for (const { url, format, size_bytes } of shown.objects.flatMap(({ files }) => files)) {
    const bytes = await bytesOf(url)
    expect(bytes.length).toBe(size_bytes)
    for (const part of unpack(bytes)) {
      for (const trace of TRACES)
        expect([format, trace, part.includes(trace, 0, 'latin1')]).toEqual([format, trace, false])
    }
  }
  expect((await bytesOf(shown.poster_url ?? '')).subarray(1, 4).toString()).toBe('PNG')

  expect(await client.unshareSession(sessionId)).toEqual({ deleted: true })
  expect(await refusal(stranger.readShared(token))).toEqual(GONE)
  const next = await client.shareSession(sessionId)
  expect(next.token).not.toBe(token)
  expect(await refusal(stranger.readShared(token))).toEqual(GONE)
  expect((await stranger.readShared(next.token)).objects).toHaveLength(1)
})

test('the page of another origin may not read it, ours may, and the preflight says so', async () => {
  const { token } = await owner.client.shareSession(sessionId)
  const origin = new URL(stack.web_url).origin
  for (const from of [origin, 'https://elsewhere.example']) {
    const answer = await fetch(`${stack.api_url}/shared/${token}`, { headers: { origin: from } })
    expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
    expect(answer.headers.get('cache-control')).toBe('no-store')
  }
  const preflight = await fetch(`${stack.api_url}/sessions/${sessionId}`, {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'PATCH' },
  })
  expect(preflight.headers.get('access-control-allow-methods')).toContain('PATCH')
  expect(await refusal(stranger.readShared('A'.repeat(43)))).toEqual(GONE)
})

test('a new name stands in the session, in its record and in what is shared', async () => {
  const { client } = owner
  expect(await client.renameSession(sessionId, { name: 'Bath duck' })).toMatchObject({ name: 'Bath duck' })
  expect((await client.readSession(sessionId)).name).toBe('Bath duck')
  const { token } = await client.shareSession(sessionId)
  expect((await stranger.readShared(token)).name).toBe('Bath duck')
  expect(await refusal(client.renameSession(sessionId, { name: '' }))).toMatchObject({ status: 400 })
})

test('the export lists photo, mask, record and results, and their bytes are those that went in', async () => {
  const { files } = await owner.client.exportFiles()
  const mine = files.filter(({ path }) => path.startsWith(`sessions/${sessionId}/`))
  const find = (pattern: RegExp) => mine.find(({ path }) => pattern.test(path))?.url ?? ''
  expect((await bytesOf(find(/original_image\.jpg$/))).equals(photo)).toBe(true)
  expect((await bytesOf(find(/\/masks\/[0-9a-f]{16}\.png$/))).equals(mask)).toBe(true)
  expect(JSON.parse((await bytesOf(find(/metadata\.json$/))).toString())).toMatchObject({ name: 'Bath duck' })
  expect((await bytesOf(find(/\.glb$/))).subarray(0, 4).toString()).toBe('glTF')
  for (const { path, size_bytes, url } of mine) {
    expect([path, (await bytesOf(url)).length]).toEqual([path, size_bytes])
  }
})

test('a deleted session shows nothing any more', async () => {
  const { client } = owner
  const { token } = await client.shareSession(sessionId)
  await client.deleteSession(sessionId)
  expect(await refusal(stranger.readShared(token))).toEqual(GONE)
  expect(await refusal(client.shareSession(sessionId))).toEqual(GONE)
  const { files } = await client.exportFiles()
  expect(files.filter(({ path }) => path.startsWith(`sessions/${sessionId}/`))).toEqual([])
})
