/**
 * The website endpoint of a deployed bucket: index and error documents as the bucket has them, redirects of objects, and
 * what anybody may read by the bucket's policy.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type LoopbackServer, serveLoopback } from '../server.ts'
import type { AwsCalls } from './aws-calls.ts'

export interface WebsiteOptions {
  readonly bucket: string
  readonly port: number
  /** The site's own host name, for browsers that are told to find it here. */
  readonly host: string
}

// Not the length and the encoding: what fetch gives is decoded already.
const PASSED_ON = ['content-type', 'cache-control', 'etag', 'last-modified']

/** Starts the website; throws when the bucket has none. */
export async function startWebsite(calls: AwsCalls, options: WebsiteOptions): Promise<LoopbackServer> {
  const { bucket, port, host } = options
  const settings = await (await calls.rest('s3', `/${bucket}?website`)).text()
  const [, index] = /<Suffix>([^<]+)<\/Suffix>/.exec(settings) ?? []
  const [, error] = /<Key>([^<]+)<\/Key>/.exec(settings) ?? []
  if (!index || !error) throw new Error(`${bucket} is no website.`)
  // Unsigned: whoever opens a page is anybody.
  const read = (key: string, method: string) =>
    fetch(`${calls.place.endpoint}/${bucket}/${key}`, { method, redirect: 'manual' })

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request
    const path = url.split('?', 1)[0].slice(1)
    const key = path === '' || path.endsWith('/') ? `${path}${index}` : path
    const found = await read(key, method)
    const location = found.headers.get('x-amz-website-redirect-location')
    if (location) {
      response.writeHead(301, { location }).end()
      return
    }
    const answer = found.ok ? found : await read(error as string, method)
    for (const name of PASSED_ON) {
      const value = answer.headers.get(name)
      if (value) response.setHeader(name, value)
    }
    response.writeHead(found.status)
    response.end(method === 'HEAD' ? undefined : Buffer.from(await answer.arrayBuffer()))
  }

  return serveLoopback({ name: 'The website', port, hosts: [host], handle })
}
