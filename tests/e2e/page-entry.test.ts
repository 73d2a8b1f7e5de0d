/** Getting in and out: codes by mail, invitations, the authenticator app, all devices at once, and leaving for good. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  AdminCreateUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { decodeImage } from '@gen3d/image/decode'
import { totpCode } from '@gen3d/local/cognito/totp'
import jsQR from 'jsqr'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { findBarriers } from './axe.ts'
import { openPage, PHONE, signInOnPage, withoutRefusals } from './page.ts'
import { usePage } from './page-suite.ts'
import { newAccount, readMail, signIn } from './session.ts'

const { stack, stackFolder, browser } = usePage()
const CODE = /code is (\d{6})/
const PASSWORD = 'Another-duck-1'

const fillIn = (page: Page, label: string, value: string) =>
  page.getByLabel(label, { exact: true }).fill(value)
const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click()
const home = (page: Page) => page.getByRole('heading', { name: 'Start with a photo' })

async function passwordIn(page: Page, email: string, password: string): Promise<void> {
  await fillIn(page, 'E-mail', email)
  await fillIn(page, 'Password', password)
  await press(page, 'Sign in')
}

test('a person signs up with the code from the mail, and sets a new password with another', async () => {
  const { page, complaints } = await openPage(browser(), stack)
  const email = `ann-${Date.now()}@example.com`
  await page.getByRole('link', { name: 'Create an account' }).click()
  await fillIn(page, 'E-mail', email)
  await fillIn(page, 'Password', 'weak-password')
  await press(page, 'Create an account')
  await page.getByText('This password is too weak.').waitFor()
  await fillIn(page, 'Password', PASSWORD)
  await press(page, 'Create an account')

  await page.getByRole('heading', { name: 'Look into your mail' }).waitFor()
  const first = await readMail(stack, email, CODE)
  await fillIn(page, 'Code', first === '123456' ? '654321' : '123456')
  await press(page, 'Confirm')
  await page.getByText('This is not the right code.').waitFor()
  await press(page, 'Send a new code')
  await page.getByText('A new code is on its way.').waitFor()
  await fillIn(page, 'Code', await readMail(stack, email, CODE))
  await press(page, 'Confirm')
  await home(page).waitFor()

  await page.getByRole('link', { name: /^Account/ }).click()
  await press(page, 'Sign out')
  await page.getByRole('link', { name: 'Forgot the password?' }).click()
  await fillIn(page, 'E-mail', email)
  await press(page, 'Send the code')
  await page.getByLabel('New password').waitFor()
  await fillIn(page, 'Code', await readMail(stack, email, /reset code is (\d{6})/))
  await fillIn(page, 'New password', `${PASSWORD}-new`)
  await press(page, 'Save the password')
  await page.getByText('The new password is saved.').waitFor()
  await passwordIn(page, email, PASSWORD)
  await page.getByText('The address or the password is not right.').waitFor()
  await passwordIn(page, email, `${PASSWORD}-new`)
  await home(page).waitFor()
  expect(withoutRefusals(complaints)).toEqual([])
  await page.context().close()
})

test('an invited person chooses a password at the first sign-in', async () => {
  const { operator } = JSON.parse(readFileSync(join(stackFolder, 'state', 'roles.json'), 'utf8'))
  const cognito = new CognitoIdentityProviderClient({
    region: stack.region,
    endpoint: stack.cognito_endpoint,
    credentials: operator,
  })
  const email = `ben-${Date.now()}@example.com`
  await cognito.send(new AdminCreateUserCommand({ UserPoolId: stack.user_pool_id, Username: email }))
  const { page, complaints } = await openPage(browser(), stack)
  await passwordIn(page, email, await readMail(stack, email, /temporary password is (\S+)/))
  await page.getByText('You were invited').waitFor()
  expect(await findBarriers(page, 'first password')).toEqual([])
  await fillIn(page, 'New password', PASSWORD)
  await press(page, 'Sign in')
  await home(page).waitFor()
  expect(withoutRefusals(complaints)).toEqual([])
  await page.context().close()
})

/** Calls of the pool that the page does not make. */
async function pool(action: string, body: object): Promise<Record<string, string>> {
  const answer = await fetch(stack.cognito_endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `AWSCognitoIdentityProviderService.${action}`,
    },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${action}: ${await answer.text()}`)
  return (await answer.json()) as Record<string, string>
}

test('whoever has an authenticator app is asked for its code', async () => {
  const account = await newAccount(stack)
  const { tokens } = await signIn(stack, account.username, account.password)
  const AccessToken = tokens.accessToken
  const { SecretCode } = await pool('AssociateSoftwareToken', { AccessToken })
  await pool('VerifySoftwareToken', { AccessToken, UserCode: totpCode(SecretCode, Date.now()) })
  await pool('SetUserMFAPreference', { AccessToken, SoftwareTokenMfaSettings: { Enabled: true } })

  const { page, complaints } = await openPage(browser(), stack)
  const code = 'Code from your authenticator app'
  await passwordIn(page, account.username, account.password)
  await page.getByLabel(code).waitFor()
  expect(await findBarriers(page, 'authenticator')).toEqual([])
  const right = totpCode(SecretCode, Date.now())
  await fillIn(page, code, right === '123456' ? '654321' : '123456')
  await press(page, 'Sign in')
  await page.getByText('This is not the right code.').waitFor()

  // Three minutes later Cognito no longer knows the challenge.
  await page.route(`${stack.cognito_endpoint}/`, (route) =>
    route.fulfill({
      status: 400,
      headers: { 'access-control-allow-origin': '*' },
      json: { __type: 'NotAuthorizedException', message: 'Invalid session for the user.' },
    }),
  )
  await press(page, 'Sign in')
  await page.getByText('That took too long.').waitFor()
  await page.unroute(`${stack.cognito_endpoint}/`)
  await passwordIn(page, account.username, account.password)
  await fillIn(page, code, totpCode(SecretCode, Date.now()))
  await press(page, 'Sign in')
  await home(page).waitFor()
  expect(withoutRefusals(complaints)).toEqual([])
  await page.context().close()
})

test('on the account’s screen an authenticator app is set up with its first code, and turned off again', async () => {
  const account = await newAccount(stack)
  const { page, complaints } = await openPage(browser(), stack, PHONE)
  await signInOnPage(page, account)
  await page.goto(`${stack.web_url}#/account`)
  await press(page, 'Set up an authenticator app')
  const dialog = page.getByRole('dialog', { name: 'Set up an authenticator app' })
  const address = await dialog.getByRole('link', { name: 'Open the app on this device' }).getAttribute('href')
  const secret = new URL(address ?? '').searchParams.get('secret') ?? ''
  expect((await dialog.locator('code').textContent())?.replaceAll(' ', '')).toBe(secret)
  const qr = dialog.getByRole('img', { name: 'QR code' })
  await qr.waitFor()
  expect(await findBarriers(page, 'set up an authenticator')).toEqual([])
  // As an app does: a reader that we did not write, on what stands on the screen.
  const seen = await decodeImage(new Uint8Array(await qr.screenshot()))
  expect(jsQR(seen.data, seen.width, seen.height)?.data).toBe(address)

  const code = 'Code that the app shows now'
  const right = totpCode(secret, Date.now())
  await fillIn(page, code, right === '123456' ? '654321' : '123456')
  await press(page, 'Turn it on')
  await dialog.getByText('This is not the code that the app shows.').waitFor()
  await fillIn(page, code, totpCode(secret, Date.now()))
  await press(page, 'Turn it on')
  await page.getByText('is asked for a code at every sign-in').first().waitFor()

  await press(page, 'Sign out')
  await passwordIn(page, account.username, account.password)
  await fillIn(page, 'Code from your authenticator app', totpCode(secret, Date.now()))
  await press(page, 'Sign in')
  // The address that was asked for is still there.
  await press(page, 'Turn the authenticator app off')
  await page.getByRole('dialog').getByRole('button', { name: 'Turn the authenticator app off' }).click()
  await page.getByRole('button', { name: 'Set up an authenticator app' }).waitFor()
  await press(page, 'Sign out')
  await passwordIn(page, account.username, account.password)
  await page.getByRole('button', { name: 'Set up an authenticator app' }).waitFor()
  expect(withoutRefusals(complaints)).toEqual([])
  await page.context().close()
})

test('signing out everywhere ends the other browser’s session; a deleted account is gone', async () => {
  const account = await newAccount(stack)
  const one = await openPage(browser(), stack)
  const two = await openPage(browser(), stack)
  await two.page.getByLabel('Stay signed in on this device').check()
  for (const { page } of [one, two]) await signInOnPage(page, { ...stack, ...account })
  await two.page.reload()
  await home(two.page).waitFor()

  await one.page.getByRole('link', { name: /^Account/ }).click()
  await press(one.page, 'Sign out on all devices')
  await one.page.getByRole('button', { name: 'Sign in' }).waitFor()
  await two.page.reload()
  await two.page.getByRole('button', { name: 'Sign in' }).waitFor()

  const { page } = two
  await signInOnPage(page, { ...stack, ...account })
  await page.getByRole('link', { name: /^Account/ }).click()
  await press(page, 'Delete my account')
  await fillIn(page, `Type ${account.username} to confirm`, account.username)
  await press(page, 'Delete everything')
  await page.getByRole('button', { name: 'Sign in' }).waitFor()
  await passwordIn(page, account.username, account.password)
  await page.getByText('The address or the password is not right.').waitFor()
  expect(withoutRefusals([...one.complaints, ...two.complaints])).toEqual([])
  for (const each of [one, two]) await each.page.context().close()
})

test('while nobody answers, a reload keeps the session and goes on when somebody does', async () => {
  const { page } = await openPage(browser(), stack)
  await signInOnPage(page, stack)
  await page.route(`${stack.cognito_endpoint}/`, (route) => route.abort('connectionfailed'))
  await page.reload()
  await page.getByText('No answer. Check the connection').waitFor()
  await page.unroute(`${stack.cognito_endpoint}/`)
  await press(page, 'Try again')
  await home(page).waitFor()
  await page.context().close()
})
