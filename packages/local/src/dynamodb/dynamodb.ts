import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type OwnedChildOptions, startOwnedChild } from './owned-child.ts'

/** The programs that speak DynamoDB; both keep what they were told over a kill -9. */
export type DynamoDbEngine = 'dynoxide' | 'dynalite'

/** How the local DynamoDB is set up. */
export interface DynamoDbOptions {
  readonly folder: string
  /** 0 takes any free port. */
  readonly port: number
  /** Left out: dynoxide where npm has it for this platform, dynalite elsewhere. */
  readonly engine?: DynamoDbEngine
}

/** A running DynamoDB. It takes any credentials. */
export interface LocalDynamoDb {
  /** `http://127.0.0.1:PORT` */
  readonly endpoint: string
  readonly port: number
  readonly engine: DynamoDbEngine
  /** Resolves with a sentence when the program has ended, whoever ended it. */
  readonly exited: Promise<string>
  stop(): Promise<void>
}

const READY_WITHIN_MS = 10_000

/** Starts DynamoDB as a child process on 127.0.0.1 and resolves when it answers; one per folder. */
export async function startDynamoDb(options: DynamoDbOptions): Promise<LocalDynamoDb> {
  const folder = resolve(options.folder)
  mkdirSync(folder, { recursive: true })
  const binary = dynoxideBinary()
  const engine = options.engine ?? (binary ? 'dynoxide' : 'dynalite')
  const port = await claimPort(options.port)
  const child = await startOwnedChild({
    name: 'DynamoDB',
    pidFile: join(folder, 'dynamodb.pid'),
    mark: folder,
    ...programOf(engine, binary, folder, port),
  })
  const endpoint = `http://127.0.0.1:${port}`
  try {
    await answers(endpoint, child.exited)
  } catch (error) {
    await child.stop()
    throw error
  }
  return { endpoint, port, engine, exited: child.exited, stop: child.stop }
}

function programOf(
  engine: DynamoDbEngine,
  binary: string | undefined,
  folder: string,
  port: number,
): Pick<OwnedChildOptions, 'command' | 'args' | 'watch'> {
  if (engine === 'dynalite') {
    const script = fileURLToPath(new URL('./dynalite-child.mjs', import.meta.url))
    return {
      command: process.execPath,
      args: [script, String(port), join(folder, 'dynalite')],
      watch: 'own-stdin',
    }
  }
  if (!binary)
    throw new Error(`There is no dynoxide for ${process.platform}-${process.arch}; leave the engine out.`)
  const args = [
    'serve',
    '--host',
    '127.0.0.1',
    '--port',
    String(port),
    '--db-path',
    join(folder, 'dynoxide.sqlite'),
  ]
  return { command: binary, args, watch: process.platform === 'win32' ? 'own-stdin' : 'shell' }
}

function dynoxideBinary(): string | undefined {
  const name = `@dynoxide/${process.platform}-${process.arch}`
  try {
    const manifest = createRequire(import.meta.url).resolve(`${name}/package.json`)
    return join(dirname(manifest), process.platform === 'win32' ? 'dynoxide.exe' : 'dynoxide')
  } catch {
    // An optional dependency that npm has not for this platform.
    return undefined
  }
}

// Neither program can be asked which port it got, so a free one is found first; a taken one is said in our words.
function claimPort(port: number): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer()
    probe.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'the port is taken; choose another' : cause.message
      reject(new Error(`DynamoDB cannot listen on 127.0.0.1:${port}: ${why}.`, { cause }))
    })
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => resolvePort(typeof address === 'object' && address ? address.port : port))
    })
  })
}

async function answers(endpoint: string, exited: Promise<string>): Promise<void> {
  let ended: string | undefined
  exited.then((sentence) => {
    ended = sentence
  })
  for (const deadline = Date.now() + READY_WITHIN_MS; Date.now() < deadline; ) {
    if (ended !== undefined) throw new Error(ended)
    try {
      await (await fetch(endpoint)).arrayBuffer()
      return
    } catch {
      // Not yet.
      await delay(10)
    }
  }
  throw new Error(`DynamoDB did not answer at ${endpoint} within ${READY_WITHIN_MS / 1000} s.`)
}
