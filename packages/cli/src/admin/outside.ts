/** What the doctor sees from outside AWS: the page, the API, and a job of a person. */
import { createAuth } from '@gen3d/client/auth'
import { createClient } from '@gen3d/client/client'
import { uploadPhoto } from '@gen3d/client/upload'
import { waitForJob } from '@gen3d/client/wait'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { cognitoEndpoint } from '@gen3d/shared/site-config'
import type { Arguments } from '../arguments.ts'
import { CliError, EXIT } from '../errors.ts'
import { readLines } from '../prompt.ts'
import type { Terminal } from '../terminal.ts'
import type { Place } from './deployed.ts'
import type { Outside } from './doctor.ts'

const PATIENCE_MS = 15_000
const PHOTO = { width: 320, height: 240 }

export async function openOutside(place: Place, args: Arguments, terminal: Terminal): Promise<Outside> {
  const email = args.get('email')
  if (email && !args.has('password-stdin'))
    throw new CliError('Hand the password over with --password-stdin.', EXIT.usage)
  const password = email ? (await readLines(terminal))[0] : ''
  return {
    smoke: email ? () => runJob(place, email, password, terminal) : null,
    async get(url) {
      try {
        const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) })
        return { status: answer.status, text: await answer.text() }
      } catch {
        return null
      }
    },
  }
}

/** Embeds a small photo as a signed-in person, and takes it away again. */
async function runJob(
  { account, region, stage }: Place,
  email: string,
  password: string,
  terminal: Terminal,
): Promise<string> {
  const outputs = await account.stackOutputs(`gen3d-web-${stage}`)
  if (!outputs) throw new CliError('the page is not deployed')
  const endpoint = process.env.AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER ?? cognitoEndpoint({ region })
  const answer = await createAuth({ endpoint, clientId: outputs.AppClientId }).signIn(email, password)
  if (answer.kind !== 'tokens') throw new CliError(`${email} must sign in on the page first`)
  const { idToken } = answer.tokens
  const client = createClient({ apiUrl: outputs.ApiUrl, idToken: async () => idToken })
  const start = Date.now()
  const bytes = encodeJpeg({ ...PHOTO, data: testPicture() }, 85)
  const { session_id, upload } = await client.createUpload({
    file_name: 'doctor.jpg',
    content_type: 'image/jpeg',
    size_bytes: bytes.length,
  })
  try {
    await uploadPhoto(upload, new Blob([bytes as BlobPart], { type: 'image/jpeg' }))
    const { job_id } = await client.initialize({ session_id })
    const status = await waitForJob(client, job_id, { signal: terminal.signal })
    if (status.state !== 'COMPLETED')
      throw new CliError(`the job ended as ${status.state}: ${status.error?.message ?? ''}`)
    return `embedded a photo in ${Math.round((Date.now() - start) / 1000)} s`
  } finally {
    await client.deleteSession(session_id)
  }
}

function testPicture(): Uint8ClampedArray<ArrayBuffer> {
  const data = new Uint8ClampedArray(4 * PHOTO.width * PHOTO.height)
  for (let i = 0; i < data.length; i++) data[i] = i % 4 === 3 ? 255 : (i * 37) % 251
  return data
}
