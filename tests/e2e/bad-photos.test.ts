/**
 * Photos that break readers, through the whole API: each is refused with a sentence and a field, or becomes an
 * embedding; nothing hangs, nothing answers 5xx. GEN3D_PHOTOS=DIR takes the files of DIR/traps as well.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { ApiError } from '@gen3d/client/errors'
import { waitForJob } from '@gen3d/client/wait'
import { beforeAll, expect, inject, test } from 'vitest'
import { FIXTURE_NAMES, readFixture } from '../../packages/image/test-fixtures/fixtures.ts'
import { signIn, upload } from './session.ts'

const TYPES: Record<string, 'image/jpeg' | 'image/png' | 'image/webp'> = {
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
  '.webp': 'image/webp',
}
/** Of our fixtures these are no photos that can be used; every other one can. */
const REFUSED = new Set(['animated.gif', 'animated.png', 'animated.webp'])

const stack = inject('stack')
let client: Awaited<ReturnType<typeof signIn>>['client']

beforeAll(async () => {
  client = (await signIn(stack)).client
})

/** COMPLETED, or the error with which the API or the job refused the photo. */
async function embed(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const sessionId = await upload(client, bytes, TYPES[extname(name)] ?? 'image/jpeg')
  try {
    const { job_id } = await client.initialize({ session_id: sessionId })
    const status = await waitForJob(client, job_id, { timeoutSeconds: 60 })
    return status.error ? `${status.state} ${status.error.code}` : status.state
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    expect(error.message.length).toBeGreaterThan(20)
    return `${error.status} ${error.code} ${error.field}`
  }
}

test('our own fixtures are read or refused by name', async () => {
  const wanted: Record<string, string> = {}
  const got: Record<string, string> = {}
  const left = [...FIXTURE_NAMES]
  const worker = async () => {
    for (let name = left.pop(); name; name = left.pop()) {
      wanted[name] = REFUSED.has(name) ? '422 invalid_photo session_id' : 'COMPLETED'
      got[name] = await embed(name, readFixture(name))
    }
  }
  // Four at a time: below the limit of jobs in flight.
  await Promise.all([worker(), worker(), worker(), worker()])
  expect(got).toEqual(wanted)
})

test('what is no photo, cut off, or a bomb by its header is refused', async () => {
  const jpeg = readFixture('baseline-420.jpg')
  const bomb = readFixture('gray16.png').slice()
  // IHDR's width and height: 20000 each.
  new DataView(bomb.buffer).setUint32(16, 20_000)
  new DataView(bomb.buffer).setUint32(20, 20_000)
  expect(await embed('text.jpg', new TextEncoder().encode('hello, this is no picture'))).toBe(
    '422 invalid_photo session_id',
  )
  expect(await embed('bomb.png', bomb)).toBe('422 invalid_photo session_id')
  // The head of half a file is whole: only the engine, which reads the pixels, can say it.
  expect(await embed('half.jpg', jpeg.slice(0, jpeg.length >> 1))).toMatch(
    /^(422 invalid_photo session_id|FAILED image_unreadable)$/,
  )
})

test('a photo with the wrong ending is taken by its content, or refused', async () => {
  expect(await embed('jpeg-named.png', readFixture('baseline-420.jpg'))).toMatch(
    /^(COMPLETED|422 invalid_photo session_id)$/,
  )
})

const traps = process.env.GEN3D_PHOTOS ? join(process.env.GEN3D_PHOTOS, 'traps') : ''
if (traps && existsSync(traps)) {
  test('the traps of GEN3D_PHOTOS end in an answer each', async () => {
    const names = readdirSync(traps).filter((name) => /\.(jpg|png|webp|gif)$/.test(name))
    for (const name of names) {
      const bytes = Uint8Array.from(readFileSync(join(traps, name)))
      // The contract refuses an empty file before there is anything to upload.
      if (bytes.length === 0) continue
      const answer = await embed(name, bytes)
      console.log(`${name}: ${answer}`)
      expect(answer).toMatch(/^(COMPLETED|422 invalid_photo session_id|FAILED image_unreadable)$/)
    }
  })
}
