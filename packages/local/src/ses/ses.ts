// SES v2 on this machine, with a web inbox. Our own, because `aws-ses-v2-local` forgets its mails with the process and
// listens on every interface; what is left of it, one route and a page, is smaller than a wrapper.
import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { AwsError, parseJsonObject, requireSignature, sendAwsError } from '../aws-error.ts'
import { readJson, writeJson } from '../durable-json.ts'
import { BodyTooLarge, type LoopbackServer, readBody, sendJson, serveLoopback } from '../server.ts'
import type { SigningKey } from '../sigv4.ts'
import { inboxHeaders, toInboxPage } from './inbox-page.ts'
import { openMailLog, type StoredMail } from './mail-log.ts'

export interface SesOptions {
  /** Where mails and identities are kept. */
  readonly folder: string
  readonly port: number
  readonly region: string
  /** Looked up for each request. */
  readonly keyOf: (accessKeyId: string) => SigningKey | undefined
}

export interface LocalSes extends LoopbackServer {
  /** Puts a mail into the inbox without a request: for the local user pool, which mails by itself on AWS too. */
  readonly deliver: (mail: {
    readonly to: string
    readonly from?: string
    readonly subject: string
    readonly text: string
    readonly html: string
  }) => void
  readonly messages: () => readonly StoredMail[]
}

// SES's own limit is 40 MB; a mail of this product has some kilobytes.
const largestBodyBytes = 10 * 1024 * 1024
const mostRecipients = 50
const poolSender = 'no-reply@verificationemail.com'

interface Content {
  readonly Data?: unknown
}
interface SendEmailRequest {
  readonly FromEmailAddress?: unknown
  readonly Destination?: Readonly<Record<string, readonly string[] | undefined>>
  readonly Content?: {
    readonly Simple?: {
      readonly Subject?: Content
      readonly Body?: { readonly Text?: Content; readonly Html?: Content }
    }
  }
  readonly ConfigurationSetName?: string
  readonly EmailTags?: readonly { readonly Name: string; readonly Value: string }[]
}

const badRequest = (message: string) => new AwsError('BadRequestException', message)
const bareAddress = (address: string) => /<([^<>]+)>\s*$/.exec(address)?.[1] ?? address

function toText(content: Content | undefined): string | null {
  return typeof content?.Data === 'string' ? content.Data : null
}

/** Reads a SendEmail request; throws `BadRequestException` that names what is missing. */
function readMail(request: SendEmailRequest): Omit<StoredMail, 'id' | 'sent_at'> {
  const { FromEmailAddress: from, Destination: destination = {} } = request
  const simple = request.Content?.Simple
  if (!simple) throw badRequest('The local SES sends Content.Simple only.')
  const subject = toText(simple.Subject)
  const [text, html] = [toText(simple.Body?.Text), toText(simple.Body?.Html)]
  if (typeof from !== 'string' || from === '') throw badRequest('FromEmailAddress is missing.')
  if (subject === null) throw badRequest('Content.Simple.Subject.Data is missing.')
  if (text === null && html === null) throw badRequest('Content.Simple.Body needs Text or Html.')
  const to = ['ToAddresses', 'CcAddresses', 'BccAddresses'].flatMap((kind) => destination[kind] ?? [])
  if (to.length === 0) throw badRequest('Destination names no address.')
  if (to.length > mostRecipients) throw badRequest('Recipient count exceeds 50.')
  for (const address of [from, ...to]) {
    if (!/^[^\s@]+@[^\s@]+$/.test(bareAddress(address))) throw badRequest('Illegal address')
  }
  const tags = request.EmailTags?.map(({ Name, Value }) => [Name, Value] as const)
  return {
    to,
    from,
    subject,
    text,
    html,
    ...(request.ConfigurationSetName ? { configuration_set: request.ConfigurationSetName } : {}),
    ...(tags ? { tags: Object.fromEntries(tags) } : {}),
  }
}

/** Starts SES on 127.0.0.1: `POST /v2/email/…` for the SDK, `/` and `/messages` for people and tests. */
export async function startSes(options: SesOptions): Promise<LocalSes> {
  const log = openMailLog(options.folder)
  const identitiesPath = join(options.folder, 'identities.json')
  const identities = new Set((readJson(identitiesPath) ?? []) as string[])
  const throttled = new Set<string>()
  const rule = { service: 'ses', region: options.region, keyOf: options.keyOf }

  function deliver(mail: Omit<StoredMail, 'id' | 'sent_at'>): string {
    const id = randomUUID()
    log.append({ ...mail, id, sent_at: new Date().toISOString() })
    return id
  }

  // Three local parts stand for the three ways in which SES refuses, so that tests can have them from outside.
  function failOnPurpose(to: readonly string[]): void {
    for (const address of to.map(bareAddress)) {
      const [name] = address.split('@')
      if (name === 'reject') throw new AwsError('MessageRejected', 'Email address is not verified.')
      if (name === 'down') throw new AwsError('ServiceUnavailable', 'The service is not available.', 503)
      if (name === 'throttle' && !throttled.has(address)) {
        throttled.add(address)
        throw new AwsError('TooManyRequestsException', 'Maximum sending rate exceeded.', 429)
      }
    }
  }

  function describeIdentity(name: string): object {
    const IdentityType = name.includes('@') ? 'EMAIL_ADDRESS' : 'DOMAIN'
    return { IdentityType, VerifiedForSendingStatus: true, VerificationStatus: 'SUCCESS' }
  }

  function callSes(method: string, path: string, body: Uint8Array): object {
    if (method === 'POST' && path === '/v2/email/outbound-emails') {
      const mail = readMail(parseJsonObject(body) as SendEmailRequest)
      failOnPurpose(mail.to)
      return { MessageId: deliver(mail) }
    }
    if (method === 'POST' && path === '/v2/email/identities') {
      const { EmailIdentity: name } = parseJsonObject(body)
      if (typeof name !== 'string' || name === '') throw badRequest('EmailIdentity is missing.')
      if (identities.has(name)) {
        throw new AwsError('AlreadyExistsException', `Email identity ${name} already exists.`)
      }
      identities.add(name)
      writeJson(identitiesPath, [...identities])
      return describeIdentity(name)
    }
    const [, encoded] = /^\/v2\/email\/identities\/([^/]+)$/.exec(path) ?? []
    if (method === 'GET' && encoded) {
      const name = decodeURIComponent(encoded)
      if (!identities.has(name)) {
        throw new AwsError('NotFoundException', `Email identity ${name} does not exist.`, 404)
      }
      return describeIdentity(name)
    }
    throw new AwsError('UnknownOperationException', `The local SES does not know ${method} ${path}.`, 404)
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const method = request.method ?? 'GET'
    const path = (request.url ?? '/').split('?')[0]
    if (method === 'GET' && path === '/') {
      response.writeHead(200, inboxHeaders).end(toInboxPage(log.list()))
    } else if (method === 'GET' && path === '/messages') {
      sendJson(response, 200, [...log.list()].reverse(), { 'Cache-Control': 'no-store' })
    } else if (method === 'DELETE' && path === '/messages') {
      log.clear()
      response.writeHead(204).end()
    } else {
      try {
        const body = await readBody(request, largestBodyBytes)
        requireSignature(request, body, rule)
        sendJson(response, 200, callSes(method, path, body))
      } catch (error) {
        const known = error instanceof BodyTooLarge ? badRequest('The mail is too long.') : error
        if (!(known instanceof AwsError)) throw error
        sendAwsError(response, known)
      }
    }
  }

  const server = await serveLoopback({ name: 'The local SES', port: options.port, handle })
  return {
    ...server,
    deliver({ to, from = poolSender, subject, text, html }) {
      deliver({ to: [to], from, subject, text, html })
    },
    messages: () => log.list(),
  }
}
