import { element } from './xml.ts'

/** An answer of S3 that is not a success: its code, HTTP status, sentence and the elements that go with it. */
export class S3Error extends Error {
  readonly code: string
  readonly status: number
  readonly details: Readonly<Record<string, string | number>>
  constructor(
    code: string,
    status: number,
    message: string,
    details: Readonly<Record<string, string | number>> = {},
  ) {
    super(message)
    this.name = 'S3Error'
    this.code = code
    this.status = status
    this.details = details
  }
}

/** The principal may not do this, or may not learn whether the key exists. */
export function accessDenied(message = 'Access Denied'): S3Error {
  return new S3Error('AccessDenied', 403, message)
}

/** An operation, header or value that S3 has and this server has not; `what` names it. */
export function notImplemented(what: string): S3Error {
  return new S3Error('NotImplemented', 501, `The local S3 does not implement ${what}.`)
}

/** The object is not there. */
export function noSuchKey(key: string): S3Error {
  return new S3Error('NoSuchKey', 404, 'The specified key does not exist.', { Key: key })
}

/** A value that S3 does not accept. */
export function invalidArgument(message: string): S3Error {
  return new S3Error('InvalidArgument', 400, message)
}

/** The XML document that S3 sends with an error. */
export function errorXml(error: S3Error, resource: string, requestId: string): string {
  const details = Object.entries(error.details).map(([name, value]) => element(name, String(value)))
  return element('Error', [
    element('Code', error.code),
    element('Message', error.message),
    ...details,
    element('Resource', resource),
    element('RequestId', requestId),
    element('HostId', 'local'),
  ])
}
