/**
 * Key pairs of the local stack: one a role, each with the rights on the bucket that the role has in the templates. So a
 * right that is missing there is missing here. They are drawn at random and kept with the state.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { PREFIXES } from '@gen3d/shared/keys'
import { readJson, writeJson } from './durable-json.ts'
import type { S3Action, S3Credential } from './s3/principal.ts'

const ROLES = ['operator', 'wrapper', 'notify', 'endpoint'] as const
export type RoleName = (typeof ROLES)[number]

type Rule = (action: S3Action, key: string | undefined) => boolean

function under(key: string | undefined, ...prefixes: string[]): boolean {
  return prefixes.some((prefix) => key?.startsWith(prefix))
}

// HEAD of a missing key answers 404 only to who may list: `key` is undefined when that is asked.
const mayList = (key: string | undefined, ...prefixes: string[]) =>
  key === undefined || under(key, ...prefixes)

/** All of models/. */
const MODELS = [PREFIXES.sam3, PREFIXES.sam3d, PREFIXES.decoders]

const RIGHTS: Record<RoleName, Rule | undefined> = {
  /** The person at the keyboard. */
  operator: undefined,
  wrapper: (action, key) =>
    action === 's3:ListBucket'
      ? mayList(key, PREFIXES.users)
      : (action === 's3:GetObject' && under(key, PREFIXES.decoders)) ||
        (action !== 's3:CreateBucket' && under(key, PREFIXES.users)),
  notify: (action, key) => {
    if (action === 's3:ListBucket') return mayList(key, PREFIXES.users, PREFIXES.failures)
    if (action === 's3:GetObject') return under(key, PREFIXES.users, PREFIXES.failures)
    return action !== 's3:CreateBucket' && under(key, PREFIXES.users)
  },
  endpoint: (action, key) => {
    if (action === 's3:ListBucket') return mayList(key, PREFIXES.users, PREFIXES.failures, ...MODELS)
    if (action === 's3:GetObject') return under(key, PREFIXES.users, ...MODELS)
    // The decoder is exported from the weights that were loaded.
    if (action === 's3:PutObject' && under(key, PREFIXES.decoders)) return true
    return action !== 's3:CreateBucket' && under(key, PREFIXES.users, PREFIXES.failures)
  },
}

export interface Roles {
  readonly keys: Readonly<Record<RoleName, S3Credential>>
  readonly keyOf: (accessKeyId: string) => S3Credential | undefined
}

function drawKey(): { accessKeyId: string; secretAccessKey: string } {
  return {
    accessKeyId: `LOCAL${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(24).toString('base64url'),
  }
}

/** Reads the key pairs of a state folder, drawing those that are missing. */
export function openRoles(folder: string): Roles {
  const path = join(folder, 'roles.json')
  const present = (readJson(path) ?? {}) as Partial<Record<RoleName, ReturnType<typeof drawKey>>>
  const drawn = Object.fromEntries(ROLES.map((role) => [role, present[role] ?? drawKey()]))
  writeJson(path, drawn)
  const keys = Object.fromEntries(
    ROLES.map((role) => [role, { ...drawn[role], allow: RIGHTS[role] }]),
  ) as unknown as Record<RoleName, S3Credential>
  const byId = new Map(Object.values(keys).map((key) => [key.accessKeyId, key]))
  return { keys, keyOf: (accessKeyId) => byId.get(accessKeyId) }
}
