/**
 * For tests: a server that speaks the part of the Hugging Face hub's protocol that the weights need, on two addresses, the
 * hub and its storage. Large files are handed over to the storage, which takes no token, as the real one.
 */
import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface HubFile {
  readonly repository: string
  readonly revision: string
  readonly name: string
  readonly content: Uint8Array
  /** Kept by the storage; else it is small, and on record by git's name. */
  readonly large?: boolean
}

export interface HubOptions {
  readonly files: readonly HubFile[]
  /** Known tokens, and the gated repositories that each may read. */
  readonly tokens: Readonly<Record<string, readonly string[]>>
  readonly gated: readonly string[]
}

const hash = (algorithm: string, ...parts: (string | Uint8Array)[]) =>
  parts.reduce((sum, part) => sum.update(part), createHash(algorithm)).digest('hex')

export async function startHub({ files, tokens, gated }: HubOptions) {
  const asked: string[] = []
  const storage = await listen((request, response) => {
    const file = files.find(({ content }) => request.url === `/${hash('sha256', content)}`)
    if (request.headers.authorization) return void response.writeHead(400).end('a token at the storage')
    if (!file) return void response.writeHead(404).end()
    sendRange(request, response, file.content)
  })

  const hub = await listen((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    const path = decodeURIComponent(request.url ?? '')
    const [, owner, name, verb, revision, ...rest] = path.replace('/api/resolve-cache/models', '').split('/')
    const cached = path.startsWith('/api/resolve-cache/models/')
    const repository = `${owner}/${name}`
    // Below the cache's address the word `resolve` is left out.
    const [commit, file] = cached ? [verb, [revision, ...rest].join('/')] : [revision, rest.join('/')]
    const refusal = refuse(repository, request.headers.authorization)
    if (refusal) return void response.writeHead(refusal[0], refusal[1]).end()
    const found = files.find((one) => one.repository === repository && one.name === file)
    if (!found || found.revision !== commit)
      return void response
        .writeHead(404, { 'X-Error-Code': found ? 'RevisionNotFound' : 'EntryNotFound' })
        .end()
    const { content, large } = found
    if (large)
      response
        .writeHead(302, {
          location: `${storage.url}/${hash('sha256', content)}`,
          'X-Repo-Commit': commit,
          'X-Linked-Size': String(content.length),
          'X-Linked-Etag': `"${hash('sha256', content)}"`,
        })
        .end()
    else if (!cached)
      response.writeHead(307, { location: `/api/resolve-cache/models/${repository}/${commit}/${file}` }).end()
    else {
      response.setHeader('ETag', `"${hash('sha1', `blob ${content.length}\0`, content)}"`)
      response.setHeader('X-Repo-Commit', commit)
      sendRange(request, response, content)
    }
  })

  function refuse(repository: string, authorization = ''): [number, Record<string, string>] | null {
    const token = authorization.replace(/^Bearer /, '')
    if (token && !Object.hasOwn(tokens, token))
      return [401, { 'X-Error-Message': 'Invalid credentials in Authorization header' }]
    if (!gated.includes(repository) || tokens[token]?.includes(repository)) return null
    return [token ? 403 : 401, { 'X-Error-Code': 'GatedRepo' }]
  }

  return {
    url: hub.url,
    asked: (): readonly string[] => asked,
    stop: () => Promise.all([hub.stop(), storage.stop()]),
  }
}

function sendRange(request: IncomingMessage, response: ServerResponse, content: Uint8Array): void {
  const [, start] = /^bytes=(\d+)-$/.exec(request.headers.range ?? '') ?? []
  const part = content.subarray(Number(start ?? 0))
  response.writeHead(start ? 206 : 200, { 'content-length': part.length })
  response.end(request.method === 'HEAD' ? undefined : part)
}

async function listen(listener: RequestListener) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
