import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** A key pair that may sign; temporary ones also have a token and an end. */
export interface SigningKey {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  /** Epoch milliseconds. */
  readonly expiresAt?: number
}

/** The request as it came in: `url` is path and query exactly as sent (`request.url`). */
export interface SignedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
}

/** How a signature is checked. */
export interface VerifyOptions<Key extends SigningKey> {
  /** The name in the credential scope: `s3`, `sagemaker`, `ses`, `cognito-idp`, … */
  readonly service: string
  /** Left out, any region will do. */
  readonly region?: string
  readonly keyOf: (accessKeyId: string) => Key | undefined
  /** Given: it must be the body that was signed. Left out (streams): compare `payloadHash` yourself. */
  readonly body?: Uint8Array
  /** Epoch milliseconds, for tests. */
  readonly now?: number
}

/** A signature that holds. */
export interface Verified<Key extends SigningKey> {
  readonly key: Key
  /** SHA-256 in hex, `UNSIGNED-PAYLOAD` or `STREAMING-…`: what the signer says about the body. */
  readonly payloadHash: string
  readonly presigned: boolean
}

/** AWS's code, HTTP status and sentence for a request whose signature does not hold. */
export class SignatureError extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 403) {
    super(message)
    this.name = 'SignatureError'
    this.code = code
    this.status = status
  }
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const SKEW_MS = 15 * 60_000
const LONGEST_PRESIGN_SECONDS = 7 * 86_400

/** Says whether a request carries any SigV4 signature, in its header or its query. */
export function isSigned(request: SignedRequest): boolean {
  return request.headers.authorization !== undefined || /[?&]X-Amz-Signature=/i.test(request.url)
}

/** Verifies a SigV4 signature in the header or the query (presigned); throws `SignatureError`. */
export function verifySignature<Key extends SigningKey>(
  request: SignedRequest,
  options: VerifyOptions<Key>,
): Verified<Key> {
  const [path, query] = splitUrl(request.url)
  const now = options.now ?? Date.now()
  const presigned = request.headers.authorization === undefined
  const claim = presigned ? readQueryClaim(query) : readHeaderClaim(request.headers)
  const key = keyForScope(claim, options)
  checkTime(claim, now)
  checkToken(key, claim.token, now)
  const payloadHash =
    (presigned ? query.find(([name]) => name === 'X-Amz-Content-Sha256')?.[1] : undefined) ??
    header(request.headers, 'x-amz-content-sha256') ??
    (presigned && options.service === 's3' ? 'UNSIGNED-PAYLOAD' : sha256(options.body ?? new Uint8Array()))
  if (!claim.signedHeaders.includes('host')) {
    throw new SignatureError('SignatureDoesNotMatch', 'The host header must be signed.')
  }
  if (options.service === 's3') checkAmzHeadersSigned(request.headers, claim)
  const canonical = [
    request.method.toUpperCase(),
    canonicalPath(path, options.service),
    query
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => [encodeRfc3986(name), encodeRfc3986(value)])
      .sort(([a, x], [b, y]) => (a === b ? compare(x, y) : compare(a, b)))
      .map(([name, value]) => `${name}=${value}`)
      .join('&'),
    ...claim.signedHeaders.map(
      (name) => `${name}:${(header(request.headers, name) ?? '').trim().replace(/\s+/g, ' ')}`,
    ),
    '',
    claim.signedHeaders.join(';'),
    payloadHash,
  ].join('\n')
  const text = [ALGORITHM, claim.date, claim.scope.join('/'), sha256(canonical)].join('\n')
  checkSignature(hmac(signingKey(key, claim.scope), text).toString('hex'), claim.signature)
  if (options.body && /^[0-9a-f]{64}$/.test(payloadHash) && payloadHash !== sha256(options.body)) {
    throw new SignatureError('XAmzContentSHA256Mismatch', 'The body is not the one that was signed.', 400)
  }
  return { key, payloadHash, presigned }
}

/** Verifies the signature of a presigned POST's policy (`fields` in lower case, policy in base64); throws `SignatureError`. */
export function verifyPolicySignature<Key extends SigningKey>(
  fields: ReadonlyMap<string, string>,
  options: VerifyOptions<Key>,
): Key {
  const scope = (fields.get('x-amz-credential') ?? '').split('/')
  const claim: Claim = {
    accessKeyId: scope[0],
    scope: scope.slice(1),
    date: fields.get('x-amz-date') ?? '',
    signedHeaders: [],
    signature: fields.get('x-amz-signature') ?? '',
    token: fields.get('x-amz-security-token'),
  }
  checkAlgorithm(fields.get('x-amz-algorithm'))
  const key = keyForScope(claim, options)
  checkToken(key, claim.token, options.now ?? Date.now())
  checkSignature(
    hmac(signingKey(key, claim.scope), fields.get('policy') ?? '').toString('hex'),
    claim.signature,
  )
  return key
}

interface Claim {
  readonly accessKeyId: string
  /** date, region, service, `aws4_request` */
  readonly scope: readonly string[]
  /** `20250102T030405Z` */
  readonly date: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
  readonly token?: string
  readonly expiresSeconds?: number
}

function readHeaderClaim(headers: IncomingHttpHeaders): Claim {
  const text = headers.authorization ?? ''
  const [algorithm] = text.split(' ', 1)
  checkAlgorithm(algorithm)
  const part = (name: string) => new RegExp(`${name}=([^,\\s]+)`).exec(text)?.[1] ?? ''
  const [accessKeyId, ...scope] = part('Credential').split('/')
  const signedHeaders = part('SignedHeaders').split(';').filter(Boolean)
  return {
    accessKeyId,
    scope,
    date: header(headers, 'x-amz-date') ?? '',
    signedHeaders,
    signature: part('Signature'),
    token: header(headers, 'x-amz-security-token'),
  }
}

function readQueryClaim(query: readonly (readonly [string, string])[]): Claim {
  const values = new Map(query)
  if (!values.has('X-Amz-Signature')) {
    throw new SignatureError('MissingAuthenticationToken', 'The request is not signed.')
  }
  checkAlgorithm(values.get('X-Amz-Algorithm'))
  const [accessKeyId, ...scope] = (values.get('X-Amz-Credential') ?? '').split('/')
  const expiresSeconds = Number(values.get('X-Amz-Expires'))
  if (!Number.isInteger(expiresSeconds) || expiresSeconds < 0 || expiresSeconds > LONGEST_PRESIGN_SECONDS) {
    throw new SignatureError(
      'AuthorizationQueryParametersError',
      'X-Amz-Expires must be a number of seconds from 0 to 604800.',
      400,
    )
  }
  return {
    accessKeyId,
    scope,
    date: values.get('X-Amz-Date') ?? '',
    signedHeaders: (values.get('X-Amz-SignedHeaders') ?? '').split(';').filter(Boolean),
    signature: values.get('X-Amz-Signature') ?? '',
    token: values.get('X-Amz-Security-Token'),
    expiresSeconds,
  }
}

function keyForScope<Key extends SigningKey>(claim: Claim, options: VerifyOptions<Key>): Key {
  const [day, region, service, end] = claim.scope
  if (
    claim.scope.length !== 4 ||
    end !== 'aws4_request' ||
    service !== options.service ||
    !claim.date.startsWith(day)
  ) {
    throw new SignatureError(
      'AuthorizationHeaderMalformed',
      `The credential must read KEY/DATE/REGION/${options.service}/aws4_request, with the day of its date.`,
      400,
    )
  }
  if (options.region !== undefined && region !== options.region) {
    throw new SignatureError(
      'AuthorizationHeaderMalformed',
      `The region '${region}' is wrong; expecting '${options.region}'.`,
      400,
    )
  }
  const key = options.keyOf(claim.accessKeyId)
  if (!key) {
    throw new SignatureError(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
    )
  }
  return key
}

// S3 refuses headers that could change the meaning of a presigned request after it was signed.
function checkAmzHeadersSigned(headers: IncomingHttpHeaders, claim: Claim): void {
  const unsigned = Object.keys(headers).find(
    (name) =>
      name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !claim.signedHeaders.includes(name),
  )
  if (unsigned === undefined) return
  throw new SignatureError(
    'AccessDenied',
    `There were headers present in the request which were not signed: ${unsigned}.`,
  )
}

function checkTime(claim: Claim, now: number): void {
  const signedAt = Date.parse(
    claim.date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  )
  if (Number.isNaN(signedAt))
    throw new SignatureError('AccessDenied', 'X-Amz-Date must read YYYYMMDDTHHMMSSZ.')
  const early = signedAt - now > SKEW_MS
  if (claim.expiresSeconds === undefined ? early || now - signedAt > SKEW_MS : early) {
    throw new SignatureError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
    )
  }
  if (claim.expiresSeconds !== undefined && now > signedAt + claim.expiresSeconds * 1000) {
    throw new SignatureError('AccessDenied', 'Request has expired')
  }
}

function checkToken(key: SigningKey, token: string | undefined, now: number): void {
  if (token !== key.sessionToken) {
    throw new SignatureError('InvalidToken', 'The provided token is malformed or otherwise invalid.', 400)
  }
  if (key.expiresAt !== undefined && now > key.expiresAt) {
    throw new SignatureError('ExpiredToken', 'The provided token has expired.', 400)
  }
}

function checkAlgorithm(algorithm: string | undefined): void {
  if (algorithm === ALGORITHM) return
  throw new SignatureError('InvalidRequest', `Sign with ${ALGORITHM}; nothing else is accepted.`, 400)
}

function checkSignature(expected: string, given: string): void {
  const [a, b] = [Buffer.from(expected), Buffer.from(given)]
  if (a.length === b.length && timingSafeEqual(a, b)) return
  throw new SignatureError(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
  )
}

function signingKey(key: SigningKey, scope: readonly string[]): Buffer {
  return scope.reduce((secret: Buffer, part) => hmac(secret, part), Buffer.from(`AWS4${key.secretAccessKey}`))
}

// S3 signs the path encoded once and as it is; every other service signs the sent path normalised and encoded again.
function canonicalPath(path: string, service: string): string {
  if (service === 's3')
    return path
      .split('/')
      .map((part) => encodeRfc3986(decode(part)))
      .join('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(encodeRfc3986(part))
  }
  return `/${parts.join('/')}${parts.length > 0 && path.endsWith('/') ? '/' : ''}`
}

function splitUrl(url: string): [path: string, query: [string, string][]] {
  const at = url.indexOf('?')
  if (at < 0) return [url, []]
  const pairs = url
    .slice(at + 1)
    .split('&')
    .filter(Boolean)
  return [
    url.slice(0, at),
    pairs.map((pair) => {
      const [name, ...value] = pair.replaceAll('+', ' ').split('=')
      return [decode(name), decode(value.join('='))]
    }),
  ]
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new SignatureError('InvalidURI', "Couldn't parse the specified URI.", 400)
  }
}

function encodeRfc3986(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

function header(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(',') : value
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sha256(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(secret: Buffer, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest()
}
