import { once } from 'node:events'
import { Busboy, type BusboyConfig, type BusboyFileStream } from '@fastify/busboy'
import { verifyPolicySignature } from '../sigv4.ts'
import { readCheckedBody } from './body.ts'
import { checkKey, commitObject, readObjectHeaders, requireRight, type S3Call, sendXml } from './call.ts'
import { entityTooLarge } from './objects.ts'
import { checkPolicy, type UploadRange } from './post-policy.ts'
import { principalOf, type S3Credential } from './principal.ts'
import { accessDenied, invalidArgument, S3Error } from './s3-error.ts'
import { element, XML_DECLARATION } from './xml.ts'

const LARGEST_FORM_BYTES = 20_000

/** How a form's signer is found and its policy dated. */
export interface PostRules {
  readonly keyOf: (accessKeyId: string) => S3Credential | undefined
  readonly region: string
  readonly now: number
}

/** PostObject: a form upload under a signed policy, every condition of which is enforced. */
export async function postObject(call: S3Call, rules: PostRules): Promise<void> {
  const { fields, file, fileName } = await readForm(call)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: S3's placeholder for the file's name.
  const key = (fields.get('key') ?? '').replaceAll('${filename}', fileName)
  if (key === '')
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'. If it is specified, please check the order of the fields.",
    )
  if (!fields.has('policy')) throw accessDenied()
  const signer = principalOf(verifyPolicySignature(fields, { service: 's3', ...rules }))
  const range = checkPolicy(fields, { bucket: call.bucket, key, now: rules.now })
  requireRight({ ...call, principal: signer }, 's3:PutObject', key)
  checkKey(key)
  const kept = readObjectHeaders(Object.fromEntries(fields))
  const body = readCheckedBody(limited(file, range, call.limits.objectBytes), {
    chunked: false,
    md5: fields.get('content-md5'),
  })
  const blob = await call.store.writeBlob(call.bucket, body)
  const stored = await commitObject(call, key, blob, kept, 'POST Object')
  answer(call, key, stored.etag, fields)
}

async function* limited(
  file: AsyncIterable<Buffer>,
  range: UploadRange | undefined,
  largestBytes: number,
): AsyncGenerator<Buffer, void, undefined> {
  const most = Math.min(largestBytes, range?.maxBytes ?? largestBytes)
  let sizeBytes = 0
  for await (const bytes of file) {
    sizeBytes += bytes.length
    if (sizeBytes > most) throw entityTooLarge(sizeBytes, most)
    yield bytes
  }
  if (range && sizeBytes < range.minBytes) {
    throw new S3Error(
      'EntityTooSmall',
      400,
      'Your proposed upload is smaller than the minimum allowed size',
      {
        ProposedSize: sizeBytes,
        MinSizeAllowed: range.minBytes,
      },
    )
  }
}

function answer(call: S3Call, key: string, etag: string, fields: ReadonlyMap<string, string>): void {
  const location = `http://${call.headers.host}/${call.bucket}/${encodeURIComponent(key)}`
  const headers = { ETag: `"${etag}"`, Location: location }
  const redirect = fields.get('success_action_redirect')
  if (redirect !== undefined && URL.canParse(redirect)) {
    const target = new URL(redirect)
    target.searchParams.set('bucket', call.bucket)
    target.searchParams.set('key', key)
    target.searchParams.set('etag', `"${etag}"`)
    call.response.writeHead(303, { ...headers, Location: target.href }).end()
    return
  }
  const status = fields.get('success_action_status')
  if (status === '201') {
    const result = [
      element('Location', location),
      element('Bucket', call.bucket),
      element('Key', key),
      element('ETag', `"${etag}"`),
    ]
    sendXml(call, 201, XML_DECLARATION + element('PostResponse', result), headers)
    return
  }
  call.response.writeHead(status === '200' ? 200 : 204, headers).end()
}

interface Form {
  /** Names in lower case. */
  readonly fields: ReadonlyMap<string, string>
  readonly file: AsyncIterable<Buffer>
  readonly fileName: string
}

function startParser(config: BusboyConfig) {
  try {
    return new Busboy(config)
  } catch (error) {
    throw badForm(error)
  }
}

// Resolves at the file, which must come last: S3 ignores what follows it.
async function readForm(call: S3Call): Promise<Form> {
  const type = call.headers['content-type'] ?? ''
  const parser = startParser({
    headers: { ...call.headers, 'content-type': type },
    limits: { fieldSize: LARGEST_FORM_BYTES, files: 1 },
    isPartAFile: (name) => name?.toLowerCase() === 'file',
  })
  const fields = new Map<string, string>()
  let formBytes = 0
  return await new Promise<Form>((resolve, reject) => {
    parser.on('field', (name, value) => {
      formBytes += name.length + value.length
      if (formBytes > LARGEST_FORM_BYTES) {
        const message = `Your POST request fields preceding the upload file were too large.`
        reject(new S3Error('MaxPostPreDataLengthExceeded', 400, message))
        call.request.unpipe(parser)
      }
      fields.set(name.toLowerCase(), value)
    })
    parser.on('file', (_, stream, fileName) => {
      // Whoever reads the file gets the error too; without a listener it would end the process.
      stream.on('error', reject)
      resolve({ fields, fileName: fileName ?? '', file: fileBytes(call, parser, stream) })
    })
    parser.on('error', (error) => reject(badForm(error)))
    parser.on('finish', () => reject(invalidArgument('POST requires exactly one file upload per request.')))
    call.request.once('aborted', () => reject(new Error('The client went away.')))
    call.request.pipe(parser)
  })
}

// Ends only when the whole form has ended, so that a form that was cut off makes no object.
async function* fileBytes(
  call: S3Call,
  parser: InstanceType<typeof Busboy>,
  stream: BusboyFileStream,
): AsyncGenerator<Buffer, void, undefined> {
  const fail = (error: unknown) => stream.destroy(error instanceof Error ? error : undefined)
  const whole = once(parser, 'finish')
  whole.catch((error) => fail(badForm(error)))
  call.request.once('aborted', () => fail(new Error('The client went away.')))
  try {
    for await (const bytes of stream) yield bytes
    await whole
  } catch (error) {
    throw badForm(error)
  } finally {
    call.request.unpipe(parser)
  }
}

function badForm(cause: unknown): S3Error {
  if (cause instanceof S3Error) return cause
  return new S3Error(
    'MalformedPOSTRequest',
    400,
    'The body of your POST request is not well-formed multipart/form-data.',
  )
}

/** Says whether a request is a form upload. */
export function isForm(call: S3Call): boolean {
  return /^multipart\/form-data\s*;/i.test(call.headers['content-type'] ?? '')
}
