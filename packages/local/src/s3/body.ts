import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm, checksumAlgorithm, startChecksum } from './checksums.ts'
import { notImplemented, S3Error } from './s3-error.ts'

/** What the sender says about a body. Everything that is said is checked; nothing need be said. */
export interface BodyClaims {
  readonly sizeBytes?: number
  /** Hex. */
  readonly sha256?: string
  /** Base64. */
  readonly md5?: string
  readonly checksum?: ChecksumAlgorithm
  /** Base64; with aws-chunked it may come behind the body instead. */
  readonly checksumValue?: string
  /** The body is in chunks, each with its length before it (`Content-Encoding: aws-chunked`). */
  readonly chunked: boolean
}

/** What a body turned out to be. */
export interface BodyDigests {
  readonly sizeBytes: number
  /** Hex. */
  readonly md5: string
  /** Base64 by algorithm. */
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>
}

const UNSIGNED_TRAILER = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'
const LONGEST_CHUNK_LINE = 16_384

/** Reads what the headers say about the body; `payloadHash` comes from the verified signature. */
export function readClaims(headers: IncomingHttpHeaders, payloadHash: string): BodyClaims {
  const chunked = payloadHash.startsWith('STREAMING-')
  if (chunked && payloadHash !== UNSIGNED_TRAILER) throw notImplemented(`payloads signed as ${payloadHash}`)
  const length =
    one(headers, 'x-amz-decoded-content-length') ?? (chunked ? undefined : headers['content-length'])
  if (length === undefined) {
    throw new S3Error('MissingContentLength', 411, 'You must provide the Content-Length HTTP header.')
  }
  const md5 = one(headers, 'content-md5')
  if (md5 !== undefined && Buffer.from(md5, 'base64').length !== 16) {
    throw new S3Error('InvalidDigest', 400, 'The Content-MD5 you specified is not valid.')
  }
  const trailer = one(headers, 'x-amz-trailer')?.replace('x-amz-checksum-', '')
  const named = CHECKSUM_ALGORITHMS.find((name) => headers[`x-amz-checksum-${name}`] !== undefined)
  if (headers['x-amz-checksum-crc64nvme'] !== undefined) checksumAlgorithm('CRC64NVME')
  return {
    sizeBytes: Number(length),
    sha256: /^[0-9a-f]{64}$/.test(payloadHash) ? payloadHash : undefined,
    md5,
    checksum: named ?? (trailer ? checksumAlgorithm(trailer) : undefined),
    checksumValue: named && one(headers, `x-amz-checksum-${named}`),
    chunked,
  }
}

/** The bytes of a body, out of their chunks, then what it turned out to be; throws at its end unless every claim holds. */
export async function* readCheckedBody(
  source: AsyncIterable<Buffer>,
  claims: BodyClaims,
): AsyncGenerator<Buffer, BodyDigests, undefined> {
  const md5 = createHash('md5')
  const sha256 = claims.sha256 === undefined ? undefined : createHash('sha256')
  const checksum = claims.checksum && startChecksum(claims.checksum)
  const trailers = new Map<string, string>()
  let sizeBytes = 0
  for await (const bytes of claims.chunked ? readAwsChunks(source, trailers) : source) {
    md5.update(bytes)
    // The signature covers what is on the wire, and an unchunked body is just that.
    sha256?.update(bytes)
    checksum?.update(bytes)
    sizeBytes += bytes.length
    yield bytes
  }
  if (claims.sizeBytes !== undefined && sizeBytes !== claims.sizeBytes) {
    throw new S3Error(
      'IncompleteBody',
      400,
      'You did not provide the number of bytes specified by the Content-Length HTTP header.',
    )
  }
  if (sha256 && sha256.digest('hex') !== claims.sha256) {
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      400,
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
  }
  const digest = md5.digest()
  if (claims.md5 !== undefined && !digest.equals(Buffer.from(claims.md5, 'base64'))) {
    throw new S3Error('BadDigest', 400, 'The Content-MD5 you specified did not match what we received.')
  }
  const checksums: Partial<Record<ChecksumAlgorithm, string>> = {}
  if (claims.checksum && checksum) {
    const value = checksum.value()
    const said = claims.checksumValue ?? trailers.get(`x-amz-checksum-${claims.checksum}`)
    if (said !== value) {
      const name = claims.checksum.toUpperCase()
      throw new S3Error('BadDigest', 400, `The ${name} you specified did not match the calculated checksum.`)
    }
    checksums[claims.checksum] = value
  }
  return { sizeBytes, md5: digest.toString('hex'), checksums }
}

/** The raw chunks of a request; leaving early keeps the socket, so that the answer can still be sent. */
export function rawBody(request: IncomingMessage): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) }
}

/** Reads a small, checked body into memory; throws `MalformedXML` beyond `limitBytes`. */
export async function readSmallBody(
  request: IncomingMessage,
  claims: BodyClaims,
  limitBytes: number,
): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of readCheckedBody(rawBody(request), claims)) {
    length += chunk.length
    if (length > limitBytes)
      throw new S3Error('MalformedXML', 400, `The XML is longer than ${limitBytes} bytes.`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

// aws-chunked: HEX-LENGTH [;extension] CRLF bytes CRLF … 0 CRLF (trailer: value CRLF)* CRLF
async function* readAwsChunks(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer, void, undefined> {
  let buffer: Buffer = Buffer.alloc(0)
  let left = 0
  let part: 'size' | 'bytes' | 'break' | 'trailer' | 'end' = 'size'
  for await (const bytes of source) {
    buffer = buffer.length === 0 ? bytes : Buffer.concat([buffer, bytes])
    while (buffer.length > 0) {
      if (part === 'bytes') {
        const taken = buffer.subarray(0, left)
        buffer = buffer.subarray(taken.length)
        left -= taken.length
        if (left === 0) part = 'break'
        yield taken
        continue
      }
      const end = buffer.indexOf('\r\n')
      if (end < 0) {
        if (buffer.length > LONGEST_CHUNK_LINE) throw badChunk()
        break
      }
      const line = buffer.toString('latin1', 0, end)
      buffer = buffer.subarray(end + 2)
      if (part === 'break') {
        if (line !== '') throw badChunk()
        part = 'size'
      } else if (part === 'size') {
        if (!/^[0-9a-f]{1,12}(;|$)/i.test(line)) throw badChunk()
        left = Number.parseInt(line, 16)
        part = left === 0 ? 'trailer' : 'bytes'
      } else if (part === 'trailer' && line !== '') {
        const colon = line.indexOf(':')
        trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
      } else {
        part = 'end'
      }
    }
  }
  // Some senders leave out the empty line after the last trailer.
  if (part !== 'end' && part !== 'trailer') {
    throw new S3Error('IncompleteBody', 400, 'The request body terminated unexpectedly.')
  }
}

function badChunk(): S3Error {
  return new S3Error(
    'InvalidChunk',
    400,
    'The body is not in the aws-chunked form that its headers announce.',
  )
}

function one(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
