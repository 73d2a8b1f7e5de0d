import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CognitoIdentityProviderClient,
  ConfirmSignUpCommand,
  GetUserCommand,
  InitiateAuthCommand,
  SignUpCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { afterEach, beforeEach } from 'vitest'
import { type CognitoOptions, type LocalCognito, startCognito } from './cognito.ts'
import type { PoolMail } from './pool.ts'

export const region = 'us-east-1'
export const UserPoolId = 'us-east-1_Local0001'
export const ClientId = 'localclient0000000000000001'
export const key = { accessKeyId: 'LOCALKEY', secretAccessKey: 'local-secret' }
export const Username = 'ann@example.com'
export const Password = 'Correct-horse-1'

/** The user pool of the running test: a fresh one for each. */
export const pool = {} as {
  folder: string
  nowMs: number
  mails: PoolMail[]
  cognito: LocalCognito
  client: CognitoIdentityProviderClient
}

/** Starts the pool on its folder; again after `pool.cognito.stop()`. */
export async function start(more: Partial<CognitoOptions> = {}): Promise<void> {
  pool.cognito = await startCognito({
    folder: pool.folder,
    port: 0,
    region,
    userPoolId: UserPoolId,
    clientId: ClientId,
    keyOf: (id) => (id === key.accessKeyId ? key : undefined),
    sendMail: (mail) => void pool.mails.push(mail),
    nowMs: () => pool.nowMs,
    ...more,
  })
  pool.client = new CognitoIdentityProviderClient({
    region,
    endpoint: pool.cognito.endpoint,
    credentials: key,
    maxAttempts: 1,
  })
}

// One key for all tests: to make one takes longer than a test.
let signingKey: string | undefined

beforeEach(async () => {
  pool.folder = await mkdtemp(join(tmpdir(), 'gen3d-cognito-'))
  if (signingKey) await writeFile(join(pool.folder, 'signing-key.json'), signingKey)
  pool.nowMs = Date.now()
  pool.mails = []
  await start()
  signingKey ??= await readFile(join(pool.folder, 'signing-key.json'), 'utf8')
})
afterEach(async () => {
  await pool.cognito.stop()
  await rm(pool.folder, { recursive: true, force: true })
})

export async function errorOf(promise: Promise<unknown>): Promise<[name: string, message: string]> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof Error)) throw new Error('expected an error')
  return [error.name, error.message]
}
export const lastCode = () => /\b\d{6}\b/.exec(pool.mails.at(-1)?.text ?? '')?.[0] ?? ''
export const otherCode = () => String((Number(lastCode()) + 1) % 1_000_000).padStart(6, '0')
export const signUp = (username = Username) =>
  pool.client.send(new SignUpCommand({ ClientId, Username: username, Password }))
export const confirm = (code = lastCode()) =>
  pool.client.send(new ConfirmSignUpCommand({ ClientId, Username, ConfirmationCode: code }))
export const signIn = (password = Password, username = Username) =>
  pool.client.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'USER_PASSWORD_AUTH',
      AuthParameters: { USERNAME: username, PASSWORD: password },
    }),
  )
export const refresh = (token: string) =>
  pool.client.send(
    new InitiateAuthCommand({
      ClientId,
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      AuthParameters: { REFRESH_TOKEN: token },
    }),
  )
export const getUser = (AccessToken: string) => pool.client.send(new GetUserCommand({ AccessToken }))

export async function signedIn(): Promise<{ access: string; id: string; refresh: string }> {
  await signUp()
  await confirm()
  const { AuthenticationResult: result } = await signIn()
  return { access: result!.AccessToken!, id: result!.IdToken!, refresh: result!.RefreshToken! }
}
