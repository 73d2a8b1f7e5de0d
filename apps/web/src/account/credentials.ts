/**
 * The signed-in person's tokens. The ID token lives in memory only; the refresh token outlives a reload where the
 * person chose: this tab (sessionStorage) or this device (IndexedDB). docs/adr/0007-tokens-in-the-page.md says why.
 */
import { type Auth, AuthError, type Tokens } from '@gen3d/client/auth'
import { type Signal, signal } from '@preact/signals'
import type { Keep } from '../keep.ts'

export interface Person {
  readonly email: string
  readonly sub: string
}

type Account =
  | { readonly kind: 'starting' }
  /** A session was left here, and nobody answered whether it still holds. */
  | { readonly kind: 'unreachable'; readonly error: unknown }
  | { readonly kind: 'out' }
  | { readonly kind: 'in'; readonly person: Person }
  /** Signed in a moment ago; calls wait until the person signs in again. */
  | { readonly kind: 'expired'; readonly person: Person }

interface Kept {
  readonly email: string
  readonly refreshToken: string
}

/** The part of `sessionStorage` that is used. */
export interface TabStore {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

const KEY = 'gen3d.session'
const DEVICE_KEY = 'session'
/** A token that ends sooner than this is refreshed before it is used. */
const MARGIN_MS = 60_000

/** Reads an ID token's claims; the API verifies it, the page only shows the address. */
export function readPerson(idToken: string): Person {
  const payload = (idToken.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')
  const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0))
  const claims = JSON.parse(new TextDecoder().decode(bytes)) as { email?: string; sub?: string }
  return { email: claims.email ?? '', sub: claims.sub ?? '' }
}

export type Credentials = ReturnType<typeof createCredentials>

/** Holds the tokens, refreshes them in time, and lets every call wait while the person signs in again. */
export function createCredentials(auth: Auth, keep: Keep, tab: TabStore, now: () => number = Date.now) {
  const account: Signal<Account> = signal({ kind: 'starting' })
  let tokens: Tokens | null = null
  let onDevice = false
  let refreshing: Promise<void> | null = null
  let waiting: { resolve: () => void; reject: (error: Error) => void }[] = []

  async function remember(email: string, refreshToken: string): Promise<void> {
    const kept: Kept = { email, refreshToken }
    if (onDevice) await keep.write('account', DEVICE_KEY, kept)
    else tab.setItem(KEY, JSON.stringify(kept))
  }

  async function forget(): Promise<void> {
    tab.removeItem(KEY)
    await keep.remove('account', DEVICE_KEY)
  }

  async function recall(): Promise<Kept | null> {
    const text = tab.getItem(KEY)
    if (text) return JSON.parse(text) as Kept
    const kept = await keep.read<Kept>('account', DEVICE_KEY)
    onDevice = kept !== undefined
    return kept ?? null
  }

  async function accept(fresh: Tokens): Promise<void> {
    const person = readPerson(fresh.idToken)
    tokens = fresh
    await remember(person.email, fresh.refreshToken)
    account.value = { kind: 'in', person }
    for (const waiter of waiting.splice(0)) waiter.resolve()
  }

  async function leave(): Promise<void> {
    tokens = null
    await forget()
    account.value = { kind: 'out' }
    for (const waiter of waiting.splice(0)) waiter.reject(new AuthError('SignedOut', 'You signed out.'))
    waiting = []
  }

  async function refresh(): Promise<void> {
    const old = tokens
    if (!old?.refreshToken) return expire()
    try {
      await accept(await auth.refresh(old.refreshToken))
    } catch (error) {
      // Cognito's word that the token is worth nothing; a broken connection is the caller's to report.
      if (error instanceof AuthError) return expire()
      throw error
    }
  }

  function expire(): void {
    const { value } = account
    if (value.kind === 'in') account.value = { kind: 'expired', person: value.person }
  }

  function signedInAgain(): Promise<void> {
    return new Promise((resolve, reject) => waiting.push({ resolve, reject }))
  }

  /** Tokens for one call; waits while the person has to sign in again. */
  async function usable(): Promise<Tokens> {
    if (!tokens || tokens.expiresAt - now() < MARGIN_MS) {
      refreshing ??= refresh().finally(() => {
        refreshing = null
      })
      await refreshing
    }
    while (account.value.kind === 'expired') await signedInAgain()
    if (!tokens || account.value.kind !== 'in') throw new AuthError('SignedOut', 'Sign in first.')
    return tokens
  }

  return {
    account,
    /** Signs in with what an earlier visit left, if it still holds. */
    async resume(): Promise<void> {
      account.value = { kind: 'starting' }
      const kept = await recall().catch(() => null)
      if (!kept) {
        account.value = { kind: 'out' }
        return
      }
      try {
        await accept(await auth.refresh(kept.refreshToken))
      } catch (error) {
        if (!(error instanceof AuthError)) {
          account.value = { kind: 'unreachable', error }
          return
        }
        await forget()
        account.value = { kind: 'out' }
      }
    },
    /** Takes tokens from a sign-in. `stay`: keep the session on this device after the tab closes. */
    async enter(fresh: Tokens, stay: boolean): Promise<void> {
      await forget()
      onDevice = stay
      await accept(fresh)
    },
    /** For a call of the API. */
    idToken: async () => (await usable()).idToken,
    /** For a call of the user pool. */
    accessToken: async () => (await usable()).accessToken,
    /** The API refused the token although it looked fresh: get another before the next call. */
    distrust(idToken: string): void {
      if (tokens?.idToken === idToken) tokens = { ...tokens, expiresAt: 0 }
    },
    staysOnDevice: () => onDevice,
    async signOut(): Promise<void> {
      const old = tokens
      await leave()
      if (old?.refreshToken) await auth.signOut(old.refreshToken).catch(() => undefined)
    },
    async signOutEverywhere(): Promise<void> {
      if (tokens) await auth.signOutEverywhere(tokens.accessToken)
      await leave()
    },
    leave,
  }
}
