import { AuthError, createAuth, type Tokens } from '@gen3d/client/auth'
import { NetworkError } from '@gen3d/client/errors'
import { describe, expect, it } from 'vitest'
import { keepInMemory } from '../keep.ts'
import { createCredentials, readPerson, type TabStore } from './credentials.ts'

const MINUTE = 60_000

function idToken(count: number): string {
  const claims = JSON.stringify({ email: 'ada@example.org', sub: `sub-${count}`, name: 'Ädä' })
  return `head.${Buffer.from(claims).toString('base64url')}.signature`
}

/** A sign-in service that gives a new token each time, or refuses. */
function setUp() {
  const calls: string[] = []
  const state = { now: 1_000_000, refuse: false, unreachable: false, count: 0 }
  const fresh = (): Tokens => {
    state.count++
    return {
      idToken: idToken(state.count),
      accessToken: 'access',
      refreshToken: `refresh-${state.count}`,
      expiresAt: state.now + 60 * MINUTE,
    }
  }
  const auth = {
    ...createAuth({ endpoint: 'http://nowhere', clientId: 'client' }),
    refresh: async (token: string) => {
      calls.push(`refresh ${token}`)
      if (state.unreachable) throw new NetworkError('no answer')
      if (state.refuse) throw new AuthError('NotAuthorizedException', 'no')
      return fresh()
    },
    signOut: async (token: string) => {
      calls.push(`revoke ${token}`)
      return {}
    },
  }
  const values = new Map<string, string>()
  const tab: TabStore = {
    getItem: (key) => values.get(key) ?? null,
    setItem: (key, value) => void values.set(key, value),
    removeItem: (key) => void values.delete(key),
  }
  const keep = keepInMemory()
  const open = () => createCredentials(auth, keep, tab, () => state.now)
  return { state, calls, fresh, values, keep, open }
}

describe('the credentials', () => {
  it('read the person from an ID token, whatever letters it holds', () => {
    expect(readPerson(idToken(7))).toEqual({ email: 'ada@example.org', sub: 'sub-7' })
  })

  it('start signed out when nothing was kept', async () => {
    const credentials = setUp().open()
    await credentials.resume()
    expect(credentials.account.value.kind).toBe('out')
    await expect(credentials.idToken()).rejects.toThrow('Sign in first.')
  })

  it('survive a reload of the tab without a token on the device', async () => {
    const { open, fresh, keep, values } = setUp()
    await open().enter(fresh(), false)
    expect(await keep.read('account', 'session')).toBeUndefined()
    expect([...values.values()].join()).not.toContain('head.')
    const again = open()
    await again.resume()
    expect(again.account.value.kind).toBe('in')
  })

  it('stay on the device only for who asked for it', async () => {
    const { open, fresh, keep, values } = setUp()
    await open().enter(fresh(), true)
    expect(values.size).toBe(0)
    expect(await keep.read('account', 'session')).toMatchObject({ refreshToken: 'refresh-1' })
    const again = open()
    await again.resume()
    expect(again.staysOnDevice()).toBe(true)
  })

  it('keep what an earlier visit left while nobody answers, and go on when somebody does', async () => {
    const { open, fresh, state } = setUp()
    await open().enter(fresh(), false)
    const again = open()
    state.unreachable = true
    await again.resume()
    expect(again.account.value.kind).toBe('unreachable')
    state.unreachable = false
    await again.resume()
    expect(again.account.value.kind).toBe('in')
  })

  it('refresh in time, once for all calls that wait', async () => {
    const { open, fresh, state, calls } = setUp()
    const credentials = open()
    await credentials.enter(fresh(), false)
    expect(await credentials.idToken()).toBe(idToken(1))
    state.now += 59.5 * MINUTE
    const tokens = await Promise.all([credentials.idToken(), credentials.idToken()])
    expect(tokens).toEqual([idToken(2), idToken(2)])
    expect(calls).toEqual(['refresh refresh-1'])
  })

  it('let calls wait while the person signs in again', async () => {
    const { open, fresh, state } = setUp()
    const credentials = open()
    await credentials.enter(fresh(), false)
    state.now += 61 * MINUTE
    state.refuse = true
    const call = credentials.idToken()
    await expect.poll(() => credentials.account.value.kind).toBe('expired')
    await credentials.enter(fresh(), false)
    expect(await call).toBe(idToken(2))
  })

  it('end the calls that wait when the person signs out instead', async () => {
    const { open, fresh, state, calls, values } = setUp()
    const credentials = open()
    await credentials.enter(fresh(), false)
    state.now += 61 * MINUTE
    state.refuse = true
    const call = expect(credentials.idToken()).rejects.toThrow('You signed out.')
    await expect.poll(() => credentials.account.value.kind).toBe('expired')
    await credentials.signOut()
    await call
    expect(values.size).toBe(0)
    expect(calls).toContain('revoke refresh-1')
  })

  it('get another token when the API distrusts the one it has', async () => {
    const { open, fresh } = setUp()
    const credentials = open()
    await credentials.enter(fresh(), false)
    credentials.distrust(await credentials.idToken())
    expect(await credentials.idToken()).toBe(idToken(2))
  })
})
