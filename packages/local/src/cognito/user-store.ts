import { join } from 'node:path'
import { readJson, writeJson } from '../durable-json.ts'

/** A code that was mailed: its SHA-256 in hex, its end in epoch ms, and how often it was guessed wrongly. */
export interface MailedCode {
  readonly hash: string
  readonly expiresAt: number
  wrongGuesses: number
}

/** A signed-in device: its refresh token (SHA-256, hex) and times in epoch seconds. */
export interface Session {
  readonly refreshTokenHash: string
  readonly authTime: number
  readonly expiresAt: number
}

/** One account. `sub` is also its user name, as in a pool whose users sign in with their address. Times: epoch ms. */
export interface User {
  readonly sub: string
  readonly email: string
  emailVerified: boolean
  status: 'UNCONFIRMED' | 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD'
  enabled: boolean
  passwordHash: string
  temporaryPasswordExpiresAt?: number
  readonly createdAt: number
  modifiedAt: number
  confirmationCode?: MailedCode
  resetCode?: MailedCode
  /** An authenticator app: its secret in base 32, and the last 30 s step whose code was used. */
  totp?: { readonly secret: string; verified: boolean; enabled: boolean; usedStep?: number }
  /** When codes were mailed in the last hour. */
  codesSentAt: number[]
  /** By the `origin_jti` of the tokens that belong to the session. */
  sessions: Record<string, Session>
}

export interface UserStore {
  /** By address (any case) or by sub. */
  readonly find: (username: string) => User | undefined
  /** In the order in which they were made. */
  readonly list: () => readonly User[]
  readonly add: (user: User) => void
  readonly remove: (user: User) => void
  /** Makes every change to users durable; call it before answering. */
  readonly save: () => void
}

/** Opens the accounts in `folder/users.json`. */
export function openUserStore(folder: string, nowMs: () => number): UserStore {
  const path = join(folder, 'users.json')
  const users = new Map(((readJson(path) ?? []) as User[]).map((user) => [user.sub, user]))
  const subs = new Map([...users.values()].map((user) => [user.email.toLowerCase(), user.sub]))

  function save(): void {
    const nowSeconds = nowMs() / 1000
    for (const user of users.values()) {
      const live = Object.entries(user.sessions).filter(([, session]) => session.expiresAt > nowSeconds)
      user.sessions = Object.fromEntries(live)
    }
    writeJson(path, [...users.values()])
  }

  return {
    find: (username) => users.get(username) ?? users.get(subs.get(username.toLowerCase()) ?? ''),
    list: () => [...users.values()],
    add(user) {
      users.set(user.sub, user)
      subs.set(user.email.toLowerCase(), user.sub)
      save()
    },
    remove(user) {
      users.delete(user.sub)
      subs.delete(user.email.toLowerCase())
      save()
    },
    save,
  }
}
