/** The whole job of a new person, against what `sls deploy` made: sign up, upload, embed, select, submit, files, mail. */
import { randomBytes } from 'node:crypto'
import { createAuth } from '@gen3d/client/auth'
import { createClient } from '@gen3d/client/client'
import { waitForJob } from '@gen3d/client/wait'
import { decodeImage } from '@gen3d/image/decode'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { createDecoder } from '@gen3d/preview/decode'
import { readEmbedding } from '@gen3d/preview/embed'
import type { EmbedResponse, ReconstructResponse } from '@gen3d/shared/api'
import { cognitoEndpoint, type SiteConfig } from '@gen3d/shared/site-config'
import { eventually, upload } from '../../e2e/session.ts'
import { drawDuck } from '../../fixtures/duck.ts'
import type { Deployment } from './deployment.ts'

export interface Mail {
  readonly To: readonly string[]
  readonly Subject: string
  readonly BodyText: string
}

/** Every mail that the emulator's SES and user pool have sent to an address. */
async function mailsTo({ emulator }: Deployment, address: string): Promise<Mail[]> {
  const answer = await fetch(`${emulator.url}/_ministack/ses/messages`)
  const { messages } = (await answer.json()) as { messages: Record<string, Mail[]> }
  return Object.values(messages)
    .flat()
    .filter(({ To }) => To.includes(address))
}

/** Makes an account by signing up, as the page does; returns its client. */
export async function signUp(deployment: Deployment, config: SiteConfig) {
  const auth = createAuth({ endpoint: cognitoEndpoint(config), clientId: config.app_client_id })
  const email = `${randomBytes(6).toString('hex')}@example.com`
  const password = `Aa1!${randomBytes(9).toString('base64url')}`
  await auth.signUp(email, password)
  const code = await eventually('the code', async () =>
    (await mailsTo(deployment, email))
      .map(({ BodyText }) => /\b(\d{6})\b/.exec(BodyText)?.[1])
      .find((found) => found !== undefined),
  )
  await auth.confirmSignUp(email, code)
  const answer = await auth.signIn(email, password)
  if (answer.kind !== 'tokens') throw new Error(`signed in to ${answer.kind}`)
  const { idToken } = answer.tokens
  const client = createClient({ apiUrl: config.api_url, idToken: async () => idToken })
  return { email, password, client, idToken }
}

/** Resolves with what a person has in hand at the end. */
export async function runWholeJob(deployment: Deployment) {
  const config = await deployment.siteConfig()
  const { email, client } = await signUp(deployment, config)
  const duck = drawDuck()
  const photo = new Uint8Array(encodeJpeg(duck.image, 92))
  const session_id = await upload(client, photo, 'image/jpeg')

  const embedded = await waitForJob(client, (await client.initialize({ session_id })).job_id)
  if (embedded.state !== 'COMPLETED') throw new Error(`embed: ${JSON.stringify(embedded.error)}`)
  const { embedding_url } = embedded.result as EmbedResponse
  const embedding = readEmbedding(new Uint8Array(await (await fetch(embedding_url)).arrayBuffer()))

  const picture = await decodeImage(photo)
  const points = duck.inside.map(([x, y]) => ({ x, y, label: 1 as const }))
  const [{ mask }] = createDecoder(embedding, picture).decode({ points })
  const png = writeMaskPng({ width: picture.width, height: picture.height, data: new Uint8Array(mask) })

  const { job_id } = await client.reconstruct({
    session_id,
    masks: [{ png_base64: Buffer.from(png).toString('base64'), name: 'duck' }],
    options: { formats: ['glb', 'ply', 'png'], quality: 'draft', seed: 7 },
  })
  const done = await waitForJob(client, job_id)
  if (done.state !== 'COMPLETED') throw new Error(`reconstruct: ${JSON.stringify(done.error)}`)
  const [object] = (done.result as ReconstructResponse).objects
  const files: Record<string, number> = {}
  for (const { format, url, size_bytes } of object.files) {
    const bytes = await (await fetch(url)).arrayBuffer()
    if (bytes.byteLength !== size_bytes)
      throw new Error(`${format}: ${bytes.byteLength} bytes, not ${size_bytes}`)
    files[format] = bytes.byteLength
  }

  const about = async () =>
    (await mailsTo(deployment, email)).filter(({ BodyText }) => BodyText.includes(session_id))
  await eventually('the mail', async () => (await about()).length > 0)
  // The sweep of the next minute may send none; what an event delivered twice would send comes within a second.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  return { email, client, session_id, name: object.name, files, mails: await about(), config }
}
