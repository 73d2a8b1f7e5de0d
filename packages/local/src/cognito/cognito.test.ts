import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { getUser, Password, pool, refresh, signedIn, start, Username } from './cognito-fixture.ts'

test('keeps accounts, sessions and keys over a restart, and no password in clear', async () => {
  const { access, refresh: token } = await signedIn()
  await pool.cognito.stop()
  await start()
  expect((await getUser(access)).Username).toBeDefined()
  expect((await refresh(token)).AuthenticationResult).toBeDefined()
  const stored = await readFile(join(pool.folder, 'users.json'), 'utf8')
  expect(stored).toContain(Username)
  expect(stored).not.toContain(Password)
  expect(stored).not.toContain(token)
})

test('answers pages of any origin', async () => {
  const preflight = await fetch(pool.cognito.endpoint, {
    method: 'OPTIONS',
    headers: {
      Origin: 'http://127.0.0.1:1234',
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Headers': 'content-type,x-amz-target',
    },
  })
  expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,x-amz-target')
  const failed = await fetch(pool.cognito.endpoint, {
    method: 'POST',
    headers: { 'X-Amz-Target': 'AWSCognitoIdentityProviderService.InitiateAuth' },
    body: 'no json',
  })
  expect([failed.status, failed.headers.get('access-control-allow-origin')]).toEqual([400, '*'])
})
