import { setTimeout as sleep } from 'node:timers/promises'
import { AwsClient } from 'aws4fetch'

/** The S3 that inputs come from and results go to, with the keys of the endpoint's role. */
export interface ObjectAccessOptions {
  readonly endpoint: string
  readonly region: string
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of a temporary key pair. */
  readonly sessionToken?: string
}

export interface ObjectAccess {
  /** Throws with S3's answer when there is no such object or no right to it. */
  readonly get: (location: string) => Promise<Buffer>
  readonly put: (location: string, body: Uint8Array, contentType: string) => Promise<void>
}

/** Reads `s3://BUCKET/KEY`; undefined for anything else. */
export function parseLocation(location: string): { bucket: string; key: string } | undefined {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? []
  return bucket && key ? { bucket, key } : undefined
}

// About 6 s in all, for an S3 that starts anew.
const attempts = 7
const firstPauseMs = 100

/** Reaches objects with signed requests, retried while S3 is not there or answers 5xx. */
export function createObjectAccess(options: ObjectAccessOptions): ObjectAccess {
  const { accessKeyId, secretAccessKey, sessionToken, region } = options
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey,
    sessionToken,
    region,
    service: 's3',
    retries: 0,
  })

  async function fetchPatiently(url: string, init: RequestInit): Promise<Response> {
    for (let attempt = 1; ; attempt += 1) {
      const response = await client.fetch(url, init).catch((error: unknown) => {
        if (attempt === attempts) throw error
        return undefined
      })
      if (response && (response.status < 500 || attempt === attempts)) return response
      await sleep(firstPauseMs * 2 ** (attempt - 1))
    }
  }

  async function send(location: string, init: RequestInit): Promise<Response> {
    const place = parseLocation(location)
    if (!place) throw new Error(`${location} is not s3://BUCKET/KEY`)
    const path = [place.bucket, ...place.key.split('/')].map(encodeURIComponent).join('/')
    const response = await fetchPatiently(`${options.endpoint}/${path}`, init)
    if (response.ok) return response
    const [, code] = /<Code>([^<]*)<\/Code>/.exec(await response.text()) ?? []
    throw new Error(`${init.method} ${location}: ${response.status} ${code ?? ''}`.trim())
  }

  return {
    async get(location) {
      return Buffer.from(await (await send(location, { method: 'GET' })).arrayBuffer())
    },
    async put(location, body, contentType) {
      await send(location, {
        method: 'PUT',
        body: new Uint8Array(body),
        headers: { 'Content-Type': contentType },
      })
    },
  }
}
