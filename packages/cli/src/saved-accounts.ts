import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import Value from 'typebox/value'
import { CliError } from './errors.ts'
import { writeOutput } from './files.ts'

/** accounts.json: where this person is signed in. Refresh tokens are secrets: only the owner may read the file. */
const SavedAccounts = Type.Object({
  version: Type.Literal(1),
  /** The API's address of the deployment that is meant when none is named. */
  current: Type.Union([Type.String(), Type.Null()]),
  /** By the API's address. */
  deployments: Type.Record(
    Type.String(),
    Type.Object({
      site_url: Type.Union([Type.String(), Type.Null()]),
      cognito_endpoint: Type.String(),
      app_client_id: Type.String(),
      email: Type.String(),
      refresh_token: Type.String(),
    }),
  ),
})
export type SavedAccounts = Static<typeof SavedAccounts>
type Environment = Readonly<Record<string, string | undefined>>

/** GEN3D_CONFIG_DIR, else the system's place for a person's settings. */
function configFolder(env: Environment): string {
  if (env.GEN3D_CONFIG_DIR) return env.GEN3D_CONFIG_DIR
  if (env.APPDATA) return join(env.APPDATA, 'gen3d')
  return join(env.XDG_CONFIG_HOME || join(homedir(), '.config'), 'gen3d')
}

function accountsFile(env: Environment): string {
  return join(configFolder(env), 'accounts.json')
}

export async function loadAccounts(env: Environment): Promise<SavedAccounts> {
  let text: string
  try {
    text = await readFile(accountsFile(env), 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      return { version: 1, current: null, deployments: {} }
    throw cause
  }
  const saved: unknown = await Promise.resolve(text)
    .then(JSON.parse)
    .catch(() => null)
  if (!Value.Check(SavedAccounts, saved)) {
    throw new CliError(`"${accountsFile(env)}" cannot be read. Delete it and sign in again.`)
  }
  return saved
}

/** Replaces the file in one step; only its owner can read it (on Windows: as the folder's rights say). */
export async function saveAccounts(
  env: Environment,
  accounts: SavedAccounts,
  signal: AbortSignal,
): Promise<void> {
  const content = new TextEncoder().encode(`${JSON.stringify(accounts, null, 2)}\n`)
  await writeOutput('.', accountsFile(env), content, { signal, mode: 0o600 })
}
