/**
 * The built page as an operator serves it at a name of their own without TLS: one server that hands the API's and the
 * bucket's calls on, so that the stack, which knows only its own origin, needs no exception.
 */
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join, normalize } from 'node:path'
import { SITE_CONFIG_FILE, type SiteConfig } from '@gen3d/shared/site-config'
import { fillIndexHtml } from '@gen3d/web/site/index-html'
import type { StackFile } from '../../scripts/stack-file.ts'
import { WEB_DIST } from '../../scripts/web.ts'

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.jpg': 'image/jpeg',
}

/** Sends a call to another server and its answer back; addresses of the bucket in a JSON answer become `storage`. */
function handOn(
  incoming: IncomingMessage,
  response: ServerResponse,
  target: URL,
  bucket: string,
  storage: string,
) {
  // What the browser says about its page is true for this server, not for the one behind it.
  const { origin, referer, 'accept-encoding': _, ...headers } = incoming.headers
  const call = request(target, { method: incoming.method, headers: { ...headers, host: target.host } })
  call.on('response', (answer) => {
    const parts: Buffer[] = []
    answer.on('data', (part) => parts.push(part))
    answer.on('end', () => {
      const bytes = Buffer.concat(parts)
      const isJson = answer.headers['content-type']?.includes('json')
      const body = isJson ? Buffer.from(bytes.toString().replaceAll(bucket, storage)) : bytes
      const { 'content-length': __, 'transfer-encoding': ___, ...kept } = answer.headers
      response.writeHead(answer.statusCode ?? 502, kept).end(body)
    })
  })
  call.on('error', () => response.writeHead(502).end())
  incoming.pipe(call)
}

/** Serves it at `http://NAME:PORT/`; the browser has to be told where NAME is. */
export async function startPlainSite(stack: StackFile, name: string) {
  let made: Record<string, string> = {}
  let origin = ''
  const server = createServer((incoming, response) => {
    const path = incoming.url ?? '/'
    for (const [prefix, behind] of [
      ['/api', stack.api_url],
      ['/storage', stack.s3_endpoint],
    ]) {
      if (!path.startsWith(`${prefix}/`)) continue
      handOn(
        incoming,
        response,
        new URL(behind + path.slice(prefix.length)),
        stack.s3_endpoint,
        `${origin}/storage`,
      )
      return
    }
    const file = normalize(path.split('?', 1)[0]).slice(1) || 'index.html'
    try {
      const body = made[file] ?? readFileSync(join(WEB_DIST, file))
      response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/json' }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://${name}:${(server.address() as AddressInfo).port}`
  const config: SiteConfig = {
    api_url: `${origin}/api`,
    region: stack.region,
    user_pool_id: stack.user_pool_id,
    app_client_id: stack.app_client_id,
    cognito_endpoint: stack.cognito_endpoint,
    storage_origins: [origin],
    sign_up: 'open',
  }
  made = {
    'index.html': fillIndexHtml(readFileSync(join(WEB_DIST, 'index.html'), 'utf8'), config),
    [SITE_CONFIG_FILE]: JSON.stringify(config),
  }
  return {
    web_url: `${origin}/`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
