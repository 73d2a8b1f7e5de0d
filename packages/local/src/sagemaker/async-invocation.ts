import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { AwsError } from '../aws-error.ts'
import type { EndpointOptions } from './endpoint.ts'
import type { Invocation } from './invocation-queue.ts'
import { parseLocation } from './objects.ts'

/** InvokeEndpointAsync takes at most so many bytes in the request itself. */
const largestInlineBytes = 128_000

const invalid = (message: string) => new AwsError('ValidationError', message)

function readText(headers: IncomingHttpHeaders, name: string, longest: number): string | undefined {
  const value = headers[`x-amzn-sagemaker-${name}`]
  if (value === undefined) return undefined
  if (
    typeof value !== 'string' ||
    value.length < 1 ||
    value.length > longest ||
    !/^[\x20-\x7e]+$/.test(value)
  ) {
    throw invalid(`${name} must have 1 to ${longest} printable characters.`)
  }
  return value
}

function readSeconds(
  headers: IncomingHttpHeaders,
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const text = headers[`x-amzn-sagemaker-${name}`]
  const seconds = text === undefined ? otherwise : Number(text)
  if (Number.isInteger(seconds) && seconds >= least && seconds <= most) return seconds
  throw invalid(`${name} must be a whole number from ${least} to ${most}.`)
}

function readInput(headers: IncomingHttpHeaders, body: Buffer): Invocation['input'] {
  const location = readText(headers, 'inputlocation', 1024)
  if (location !== undefined && body.length > 0) throw invalid('Give either InputLocation or Body, not both.')
  if (location === undefined && body.length === 0) throw invalid('Give InputLocation or Body.')
  if (body.length > largestInlineBytes) throw invalid(`Body must have at most ${largestInlineBytes} bytes.`)
  if (location === undefined) return { base64: body.toString('base64') }
  if (!parseLocation(location)) throw invalid('InputLocation must be s3://BUCKET/KEY.')
  return { location }
}

const joinPath = (...parts: (string | undefined)[]) =>
  parts
    .filter((part) => part)
    .map((part) => String(part).replace(/^\/+|\/+$/g, ''))
    .join('/')

/** Reads the headers and the body of InvokeEndpointAsync; throws `ValidationError` that names the member. */
export function readAsyncInvocation(
  headers: IncomingHttpHeaders,
  body: Buffer,
  endpoint: EndpointOptions,
  nowMs: number,
): Invocation {
  const inferenceId = readText(headers, 'inference-id', 64) ?? randomUUID()
  const extension = readText(headers, 's3outputpathextension', 512)
  const filename = readText(headers, 'filename', 32)
  return {
    inferenceId,
    input: readInput(headers, body),
    contentType: readText(headers, 'content-type', 1024) ?? 'application/octet-stream',
    accept: readText(headers, 'accept', 1024),
    customAttributes: readText(headers, 'custom-attributes', 1024),
    // The file name is that of the response only; a failure object is always named after the inference id.
    outputLocation: joinPath(endpoint.s3OutputPath, extension, `${filename ?? inferenceId}.out`),
    failureLocation: joinPath(endpoint.s3FailurePath, `${inferenceId}-error.out`),
    acceptedAt: nowMs,
    ttlSeconds: readSeconds(headers, 'requestttlseconds', 60, 21_600, 21_600),
    timeoutSeconds: readSeconds(headers, 'invocationtimeoutseconds', 1, 3600, 900),
  }
}
