import type { JobAccepted, SharedScene } from '@gen3d/shared/api'
import { shareSecretKey } from '@gen3d/shared/keys'
import { describe, expect, it } from 'vitest'
import { deleteAccount } from './delete-account.ts'
import { deleteSession } from './delete-session.ts'
import { READS_PER_ADDRESS, READS_PER_TOKEN, readShared } from './read-shared.ts'
import { reconstruct } from './reconstruct.ts'
import { readSession, renameSession } from './sessions.ts'
import { shareSession, unshareSession } from './share.ts'
import { ANNA, BEN, createScene, keyOf, maskBase64, placeOf } from './test-scene.ts'

const HERE = '203.0.113.7'
const DAY = 86_400
const GONE = { code: 'not_found' }

/** A session of Anna's with finished objects. */
async function open() {
  const scene = createScene()
  const job = await scene.submitReconstruct()
  await scene.runEngine()
  await scene.deliver(keyOf(job, 'manifest'))
  const { world } = scene
  return {
    ...scene,
    ...{ job, sessionId: job.session_id },
    share: (days?: number) => shareSession(world, ANNA, job.session_id, { days }),
    read: (token: string, address = HERE) => readShared(world, token, address),
  }
}

const addressesOf = ({ objects, poster_url }: SharedScene) => [
  ...objects.flatMap(({ files }) => files.map(({ url }) => url)),
  ...(poster_url ? [poster_url] : []),
]

describe('a share link', () => {
  it('shows the objects to whoever has it, and neither photo, masks nor owner', async () => {
    const { world, job, sessionId, share, read } = await open()
    const { token, expires_at } = await share()
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(Date.parse(expires_at) - world.clock.now().getTime()).toBe(7 * DAY * 1000)
    expect((await readSession(world, ANNA, sessionId)).shared_until).toBe(expires_at)
    const shown = await read(token)
    expect(Object.keys(shown).sort()).toEqual(
      ['camera', 'engine', 'expires_at', 'name', 'objects', 'poster_url', 'scale_basis', 'scene'].sort(),
    )
    expect(shown).toMatchObject({ name: 'chair', expires_at, engine: { name: 'preview' } })
    expect(addressesOf(shown).length).toBeGreaterThan(1)
    for (const url of addressesOf(shown)) expect(url).toContain(`/jobs/${job.job_id}/`)
    const { pathname: photo } = new URL((await readSession(world, ANNA, sessionId)).photo_url ?? '')
    for (const secret of [photo, '/masks/', 'manifest.json', 'anna']) {
      expect(JSON.stringify(shown)).not.toContain(secret)
    }
  })

  it('stays the same while it is valid, asked for together or again, and is another one afterwards', async () => {
    const { world, share, read } = await open()
    const [first, second] = await Promise.all([share(3), share(30)])
    expect(second).toEqual(first)
    world.clock.advance(DAY)
    expect(await share(30)).toEqual(first)
    world.clock.advance(2 * DAY)
    await expect(read(first.token)).rejects.toMatchObject(GONE)
    const next = await share(1)
    expect(next.token).not.toBe(first.token)
    expect((await read(next.token)).expires_at).toBe(next.expires_at)
    await expect(read(first.token)).rejects.toMatchObject(GONE)
  })

  it('ends at its time, and no address in it lives longer', async () => {
    const { world, share, read } = await open()
    const { token } = await share(1)
    world.clock.advance(DAY - 60)
    for (const url of addressesOf(await read(token))) {
      expect(new URL(url).searchParams.get('expires')).toBe('60')
    }
    world.clock.advance(59)
    await read(token)
    world.clock.advance(1)
    await expect(read(token)).rejects.toMatchObject(GONE)
  })

  it('is worthless at once when revoked, for good; revoking what is not shared is no error', async () => {
    const { world, sessionId, share, read } = await open()
    const { token } = await share()
    const revoke = () => unshareSession(world, ANNA, sessionId)
    expect(await revoke()).toEqual({ deleted: true })
    await expect(read(token)).rejects.toMatchObject(GONE)
    expect(await revoke()).toEqual({ deleted: true })
    expect((await readSession(world, ANNA, sessionId)).shared_until).toBeNull()
    const next = await share()
    expect(next.token).not.toBe(token)
    await read(next.token)
    await expect(read(token)).rejects.toMatchObject(GONE)
  })

  it('goes with its session, and with the account', async () => {
    for (const remove of [
      ({ world, sessionId }: Awaited<ReturnType<typeof open>>) => deleteSession(world, ANNA, sessionId),
      ({ world }: Awaited<ReturnType<typeof open>>) => deleteAccount(world, ANNA),
    ]) {
      const scene = await open()
      const { token } = await scene.share()
      await remove(scene)
      await expect(scene.read(token)).rejects.toMatchObject(GONE)
      await expect(scene.share()).rejects.toMatchObject(GONE)
      expect(await scene.world.objects.head(shareSecretKey(placeOf(scene.job)))).toBeNull()
    }
  })

  it('is its owner’s to make and to revoke', async () => {
    const { world, sessionId, share, read } = await open()
    await expect(shareSession(world, BEN, sessionId, {})).rejects.toMatchObject(GONE)
    const { token } = await share()
    await expect(unshareSession(world, BEN, sessionId)).rejects.toMatchObject(GONE)
    await expect(shareSession(world, ANNA, 'nonsense', {})).rejects.toMatchObject(GONE)
    await read(token)
  })

  it('opens by its whole token only', async () => {
    const { share, read, sessionId } = await open()
    const { token } = await share()
    const other = token.slice(0, -2) + (token.endsWith('AA') ? 'BB' : 'AA')
    for (const forged of ['', other, token.slice(1), `${token}A`, sessionId, '../x', 'A'.repeat(43)]) {
      await expect(read(forged)).rejects.toMatchObject(GONE)
    }
  })

  it('stands in no row: the table holds its hash', async () => {
    const { world, share } = await open()
    const { token } = await share()
    const facts: string[] = []
    const { get } = world.facts
    world.facts.get = (name) => {
      facts.push(name)
      return get.call(world.facts, name)
    }
    await readShared(world, token, HERE)
    expect(facts).toEqual([expect.stringMatching(/^share#[0-9a-f]{64}$/)])
    expect(JSON.stringify([...world.sessions.rows])).not.toContain(token)
    expect(JSON.stringify(await world.facts.get(facts[0]))).not.toContain(token)
    expect(JSON.stringify(world.log.lines)).not.toContain(token)
  })

  it('needs something to show', async () => {
    const scene = createScene()
    const job = await scene.submitReconstruct()
    const share = () => shareSession(scene.world, ANNA, job.session_id, {})
    await expect(share()).rejects.toMatchObject({ code: 'conflict' })
    await scene.runEngine()
    // The manifest stands, its event has not come yet.
    expect((await readShared(scene.world, (await share()).token, HERE)).objects).toHaveLength(1)
  })

  it('shows the newest finished objects, when the rows of the jobs are gone, too', async () => {
    const { world, sessionId, share, read, runEngine, deliver, job } = await open()
    const { token } = await share(30)
    const again = async (): Promise<JobAccepted> => {
      world.clock.advance(60)
      const body = { session_id: sessionId, masks: [{ png_base64: maskBase64(), name: 'second' }] }
      return reconstruct(world, ANNA, body, null)
    }
    const second = await again()
    expect((await read(token)).objects[0].name).not.toBe('second')
    await runEngine()
    await deliver(keyOf(second, 'manifest'))
    expect((await read(token)).objects[0].name).toBe('second')
    world.clock.advance(10 * DAY)
    for (const { job_id } of [job, second]) await world.jobs.delete(job_id)
    expect((await read(token)).objects[0].name).toBe('second')
    await world.objects.delete([keyOf(second, 'manifest')])
    expect((await read(token)).objects[0].name).not.toBe('second')
  })
})

describe('reading shared objects', () => {
  it('is limited by address, known token or not, until the next minute', async () => {
    const { world, share, read } = await open()
    const { token } = await share()
    const wrong = 'A'.repeat(43)
    for (let i = 0; i < READS_PER_ADDRESS; i++) await expect(read(wrong)).rejects.toMatchObject(GONE)
    const limited = { code: 'limit_reached', retryAfterSeconds: 60 }
    await expect(read(wrong)).rejects.toMatchObject(limited)
    await expect(read(token)).rejects.toMatchObject(limited)
    await read(token, '203.0.113.8')
    world.clock.advance(59)
    await expect(read(token)).rejects.toMatchObject({ ...limited, retryAfterSeconds: 1 })
    world.clock.advance(1)
    await read(token)
  })

  it('takes an IPv6 household for one address', async () => {
    const { read, share } = await open()
    const { token } = await share()
    for (let i = 0; i < READS_PER_ADDRESS; i++) await read(token, `2001:db8:1:2::${i.toString(16)}`)
    await expect(read(token, '2001:db8:1:2:3:4:5:6')).rejects.toMatchObject({ code: 'limit_reached' })
    await read(token, '2001:db8:1:3::1')
    await read(token, '2001:db8::1')
  })

  it('is limited by link, from wherever', async () => {
    const { read, share } = await open()
    const { token } = await share()
    for (let i = 0; i < READS_PER_TOKEN; i++) await read(token, `198.51.100.${i}`)
    await expect(read(token, HERE)).rejects.toMatchObject({ code: 'limit_reached' })
  })
})

describe('renaming', () => {
  const metadata = async ({ world, job }: Awaited<ReturnType<typeof open>>) => {
    const bytes = await world.objects.get(keyOf(job, 'manifest').replace(/jobs\/.*/, 'metadata.json'))
    return JSON.parse(new TextDecoder().decode(bytes ?? new Uint8Array()))
  }

  it('changes the row, the durable record and what is shared, of one’s own session', async () => {
    const scene = await open()
    const { world, sessionId, share, read } = scene
    const renamed = await renameSession(world, ANNA, sessionId, { name: ' My chair ' })
    expect(renamed).toMatchObject({ session_id: sessionId, name: 'My chair', state: 'COMPLETED' })
    expect(await metadata(scene)).toMatchObject({ name: 'My chair', photo: { width: 24 } })
    expect((await read((await share()).token)).name).toBe('My chair')
    await expect(renameSession(world, BEN, sessionId, { name: 'mine' })).rejects.toMatchObject(GONE)
    await deleteSession(world, ANNA, sessionId)
    await expect(renameSession(world, ANNA, sessionId, { name: 'x' })).rejects.toMatchObject(GONE)
  })

  it('of a session without a job reaches the record that its first job writes', async () => {
    const { world, openSession } = createScene()
    const sessionId = await openSession()
    await renameSession(world, ANNA, sessionId, { name: 'early' })
    expect([...world.objects.objects.keys()].some((key) => key.endsWith('metadata.json'))).toBe(false)
    const body = { session_id: sessionId, masks: [{ png_base64: maskBase64() }] }
    const job = await reconstruct(world, ANNA, body, null)
    expect(await metadata({ world, job } as Awaited<ReturnType<typeof open>>)).toMatchObject({
      name: 'early',
    })
  })
})
