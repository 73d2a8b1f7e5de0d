// The ready-made account of the local stack: made once, its password drawn at random and kept with the state.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createAdmin } from '@gen3d/aws/admin'
import type { LocalStack } from '@gen3d/local/stack'

const USERNAME = 'you@example.com'

function drawPassword(): string {
  // One of each class that the pool's policy asks for, and 60 random bits.
  return `Aa1!${randomBytes(10).toString('base64url')}`
}

/** Returns the account's name and password, making both when they are not there yet. */
export async function ensureAccount(
  stack: LocalStack,
  stateFolder: string,
): Promise<{ username: string; password: string }> {
  const path = join(stateFolder, 'account.json')
  let password: string
  try {
    password = (JSON.parse(readFileSync(path, 'utf8')) as { password: string }).password
  } catch {
    password = drawPassword()
    writeFileSync(path, JSON.stringify({ password }))
  }
  const key = stack.roles.keys.operator
  const admin = createAdmin({
    region: stack.region,
    cognitoEndpoint: stack.endpoints.cognito,
    credentials: { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey },
  })
  await admin.ensureUser(stack.userPoolId, USERNAME, password)
  return { username: USERNAME, password }
}
