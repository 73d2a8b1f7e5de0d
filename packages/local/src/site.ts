/** Serves the built page as the deployed site does: files of one folder, and two that are made at the start. */
import { createReadStream, readFileSync, statSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type LoopbackServer, serveLoopback } from './server.ts'

const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.glb': 'model/gltf-binary',
  '.ply': 'application/octet-stream',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.ico': 'image/x-icon',
}
/** Assets carry a hash in their name and never change. */
const HASHED = /-[\w-]{8,}\.\w+$/
/** As the deploy compresses them, before they lie in the bucket. */
const COMPRESSED = /\.(js|css|wasm)$/

export interface SiteOptions {
  readonly port: number
  readonly folder: string
  /** Files that stand over those of the folder, by their path without a slash in front. */
  readonly made: Readonly<Record<string, string>>
}

const takesGzip = ({ headers }: IncomingMessage) => /\bgzip\b/.test(String(headers['accept-encoding']))

/** Starts the site on 127.0.0.1. */
export function startSite(options: SiteOptions): Promise<LoopbackServer> {
  const compressed = new Map<string, Buffer>()
  function compress(file: string): Buffer {
    const bytes = compressed.get(file) ?? gzipSync(readFileSync(file), { level: 9 })
    compressed.set(file, bytes)
    return bytes
  }
  return serveLoopback({
    name: 'site',
    port: options.port,
    handle(request, response) {
      const path = decodeURIComponent((request.url ?? '/').split('?', 1)[0]).slice(1) || 'index.html'
      const type = CONTENT_TYPES[extname(path)] ?? 'application/octet-stream'
      const head = {
        'content-type': type,
        'x-content-type-options': 'nosniff',
        'cache-control': HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-store',
      }
      const made = options.made[path]
      if (made !== undefined) {
        response.writeHead(200, head).end(request.method === 'HEAD' ? undefined : made)
        return
      }
      const file = join(options.folder, normalize(path))
      const stats = file.startsWith(options.folder + sep)
        ? statSync(file, { throwIfNoEntry: false })
        : undefined
      if (!stats?.isFile()) {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('There is no such file.\n')
        return
      }
      if (HASHED.test(path) && COMPRESSED.test(path) && takesGzip(request)) {
        const bytes = compress(file)
        response.writeHead(200, { ...head, 'content-encoding': 'gzip', 'content-length': bytes.length })
        response.end(request.method === 'HEAD' ? undefined : bytes)
        return
      }
      response.writeHead(200, { ...head, 'content-length': stats.size })
      if (request.method === 'HEAD') response.end()
      else createReadStream(file).pipe(response)
    },
  })
}
