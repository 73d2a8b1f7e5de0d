import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { type LoopbackServer, serveLoopback } from '../server.ts'
import { isSigned, SignatureError, verifySignature } from '../sigv4.ts'
import { newRequestId, type S3Call } from './call.ts'
import { type CorsRule, corsHeaders, preflightHeaders } from './cors.ts'
import type { PublishObjectCreated } from './object-created.ts'
import { openObjectStore } from './object-store.ts'
import { isForm, postObject } from './post-object.ts'
import { ANYBODY, principalOf, type S3Credential } from './principal.ts'
import { findOperation } from './route.ts'
import { errorXml, S3Error } from './s3-error.ts'
import { XML_DECLARATION } from './xml.ts'

/** How the local S3 is set up. */
export interface S3Options {
  readonly folder: string
  /** 0 takes any free port. */
  readonly port: number
  readonly region: string
  /** Made at the start when they are not there. */
  readonly buckets: readonly string[]
  /** Looked up for each request, so that key pairs may come and go (those of an identity pool do). */
  readonly keyOf: (accessKeyId: string) => S3Credential | undefined
  /** The rules of every bucket. */
  readonly cors?: readonly CorsRule[]
  /** Takes the event of every created object; left out, there are no events. */
  readonly publish?: PublishObjectCreated
  /** The longest body (default 5 GiB, S3's own limit for one request). */
  readonly largestObjectBytes?: number
  /** Epoch milliseconds, for tests. */
  readonly now?: () => number
  readonly onError?: (error: unknown) => void
}

const LARGEST_OBJECT_BYTES = 5 * 2 ** 30

/** Serves S3 on 127.0.0.1 from a folder: path-style addresses, private but for `public/` and the root redirect. */
export async function startS3(options: S3Options): Promise<LoopbackServer> {
  const now = options.now ?? Date.now
  const onError = options.onError ?? ((error: unknown) => console.error('S3:', error))
  const store = openObjectStore(options.folder, now)
  for (const bucket of options.buckets) store.createBucket(bucket)
  const rules = options.cors ?? []
  const publish: PublishObjectCreated = options.publish ?? ((_, change) => change())
  const limits = { objectBytes: options.largestObjectBytes ?? LARGEST_OBJECT_BYTES }

  const answer = async (request: IncomingMessage, response: ServerResponse, requestId: string) => {
    const { method = '', url = '/' } = request
    if (method === 'OPTIONS') {
      response.writeHead(200, preflightHeaders(rules, request.headers)).end()
      return
    }
    for (const [name, value] of Object.entries(corsHeaders(rules, method, request.headers))) {
      response.setHeader(name, value)
    }
    const { bucket, key, query } = readAddress(url)
    const signed = isSigned({ method, url, headers: request.headers })
    const verified = signed
      ? verifySignature(
          { method, url, headers: request.headers },
          { service: 's3', region: options.region, keyOf: options.keyOf, now: now() },
        )
      : undefined
    const call: S3Call = {
      request,
      response,
      bucket,
      key,
      query,
      headers: verified?.presigned ? withHoistedHeaders(query, request.headers) : request.headers,
      principal: verified ? principalOf(verified.key) : ANYBODY,
      payloadHash: verified?.payloadHash ?? 'UNSIGNED-PAYLOAD',
      requestId,
      store,
      limits,
      publish,
    }
    const isUpload = method === 'POST' && key === '' && bucket !== '' && !signed && isForm(call)
    const operation = isUpload ? undefined : findOperation(call)
    const makesBucket = method === 'PUT' && key === ''
    if (bucket !== '' && !makesBucket && !store.hasBucket(bucket)) {
      throw new S3Error('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: bucket })
    }
    await (operation
      ? operation(call)
      : postObject(call, { keyOf: options.keyOf, region: options.region, now: now() }))
  }

  return serveLoopback({
    name: 'S3',
    port: options.port,
    onError,
    handle: async (request, response) => {
      const requestId = newRequestId()
      response.setHeader('x-amz-request-id', requestId)
      response.setHeader('x-amz-id-2', 'local')
      response.setHeader('Server', 'AmazonS3')
      try {
        await answer(request, response, requestId)
      } catch (error) {
        // The client went away in the middle of its body: nobody is left to answer.
        if (request.destroyed && !request.complete) return
        sendError(request, response, toS3Error(error, onError), requestId)
      }
      // What was not read of a refused body would stand before the next request.
      if (!request.complete) request.unpipe().resume()
    },
  })
}

function readAddress(url: string) {
  const [path, query] = url.split('?', 2)
  const slash = path.indexOf('/', 1)
  try {
    const bucket = decodeURIComponent(slash < 0 ? path.slice(1) : path.slice(1, slash))
    const key = slash < 0 ? '' : decodeURIComponent(path.slice(slash + 1))
    return { bucket, key, query: new URLSearchParams(query) }
  } catch {
    throw new S3Error('InvalidURI', 400, "Couldn't parse the specified URI.", { URI: path })
  }
}

// A presigned request carries `x-amz-*` headers as parameters of the same name, in any case.
function withHoistedHeaders(query: URLSearchParams, headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const hoisted: Record<string, string> = {}
  for (const [name, value] of query) {
    if (/^x-amz-/i.test(name)) hoisted[name.toLowerCase()] = value
  }
  return { ...hoisted, ...headers }
}

function toS3Error(error: unknown, onError: (error: unknown) => void): S3Error {
  if (error instanceof S3Error) return error
  if (error instanceof SignatureError) return new S3Error(error.code, error.status, error.message)
  onError(error)
  return new S3Error('InternalError', 500, 'We encountered an internal error. Please try again.')
}

function sendError(
  request: IncomingMessage,
  response: ServerResponse,
  error: S3Error,
  requestId: string,
): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const resource = (request.url ?? '/').split('?', 1)[0]
  const body = Buffer.from(XML_DECLARATION + errorXml(error, resource, requestId))
  response.writeHead(error.status, {
    'Content-Type': 'application/xml',
    ...(request.method !== 'HEAD' && { 'Content-Length': body.length }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}
