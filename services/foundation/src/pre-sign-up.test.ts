import { afterEach, expect, test } from 'vitest'
import { handler } from './pre-sign-up.ts'

const signUp = (email: string) => handler({ request: { userAttributes: { email } } })

afterEach(() => {
  delete process.env.GEN3D_SIGN_UP_DOMAINS
})

test('an address of a named domain may have an account, in any case of its letters', async () => {
  process.env.GEN3D_SIGN_UP_DOMAINS = 'example.com,Example.org'
  const event = { request: { userAttributes: { email: 'a@EXAMPLE.org' } } }
  expect(await handler(event)).toBe(event)
})

test('every other address is refused, also one that only ends like it', async () => {
  process.env.GEN3D_SIGN_UP_DOMAINS = 'example.com'
  for (const email of [
    'a@badexample.com',
    'a@example.com.evil.org',
    'a@sub.example.com',
    'example.com@x.org',
  ]) {
    await expect(signUp(email)).rejects.toThrow('Accounts are for addresses of example.com.')
  }
})

test('without domains nobody may', async () => {
  await expect(signUp('a@example.com')).rejects.toThrow()
})
