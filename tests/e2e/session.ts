/** What a person does with the API, in the words of the tests. */
import { randomBytes } from 'node:crypto'
import { createAuth } from '@gen3d/client/auth'
import { createClient } from '@gen3d/client/client'
import { uploadPhoto } from '@gen3d/client/upload'
import type { StackFile } from '../../scripts/stack-file.ts'

export interface Mail {
  readonly to: readonly string[] | string
  readonly subject: string
  readonly text: string
  readonly html: string
}

/** Signs in and returns the client with its ID token. */
export async function signIn(stack: StackFile, username = stack.username, password = stack.password) {
  const auth = createAuth({ endpoint: stack.cognito_endpoint, clientId: stack.app_client_id })
  const answer = await auth.signIn(username, password)
  if (answer.kind !== 'tokens') throw new Error(`signed in to ${answer.kind}`)
  const { idToken } = answer.tokens
  return {
    client: createClient({ apiUrl: stack.api_url, idToken: async () => idToken }),
    idToken,
    auth,
    tokens: answer.tokens,
  }
}

export type Client = Awaited<ReturnType<typeof signIn>>['client']

/** Opens a session and uploads a photo into it; returns the session's id. */
export async function upload(
  client: Client,
  photo: Uint8Array<ArrayBuffer>,
  contentType: 'image/jpeg' | 'image/png' | 'image/webp',
): Promise<string> {
  const opened = await client.createUpload({
    file_name: 'photo',
    content_type: contentType,
    size_bytes: photo.length,
  })
  await uploadPhoto(opened.upload, new Blob([photo], { type: contentType }))
  return opened.session_id
}

async function mailsTo(stack: StackFile, email: string): Promise<Mail[]> {
  const mails = (await (await fetch(`${stack.inbox_url}/messages`)).json()) as Mail[]
  return mails.filter((mail) => mail.to.includes(email))
}

/** The newest mail to an address that this finds something in. */
export function readMail(stack: StackFile, email: string, wanted: RegExp): Promise<string> {
  return eventually(`a mail to ${email}`, async () => {
    const found = (await mailsTo(stack, email)).flatMap(({ text }) => wanted.exec(text)?.[1] ?? [])
    // The inbox gives the newest first.
    return found[0]
  })
}

/** Signs somebody up and confirms the address with the code from the mail. */
export async function newAccount(stack: StackFile) {
  const auth = createAuth({ endpoint: stack.cognito_endpoint, clientId: stack.app_client_id })
  const username = `${randomBytes(6).toString('hex')}@example.com`
  const password = `Aa1!${randomBytes(9).toString('base64url')}`
  await auth.signUp(username, password)
  await auth.confirmSignUp(username, await readMail(stack, username, /code is (\d{6})/))
  return { username, password }
}

/** The mails in the inbox whose text names a session. */
export async function mailsAbout(stack: StackFile, sessionId: string): Promise<Mail[]> {
  const mails = (await (await fetch(`${stack.inbox_url}/messages`)).json()) as Mail[]
  return mails.filter((mail) => mail.text.includes(sessionId))
}

/** Waits for a condition that a background step will bring about; throws with `what` after the time is over. */
export async function eventually<T>(
  what: string,
  probe: () => Promise<T | null | false | undefined>,
  seconds = 20,
): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const found = await probe()
    if (found) return found
    if (Date.now() > end) throw new Error(`${what} did not happen within ${seconds} s`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
