import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { findInfraTool } from '../../../scripts/infra-tools.ts'
import { ROOT } from '../../../scripts/steps.ts'

export interface Emulator {
  readonly url: string
  /** What a child must see to talk to it, and to nothing else. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** The end of what it wrote. */
  words(): string
  stop(): Promise<void>
}

const PATIENCE_MS = 60_000
/** The account's own key: it may everything. */
export const OPERATOR = { accessKeyId: 'emulator', secretAccessKey: 'emulator' } as const

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/**
 * Starts the emulator on a free port of 127.0.0.1 and waits until it answers. It takes signed calls only and weighs the
 * deployed policies. `functionHost`: where the code of functions runs; `hub`: where builds fetch the weights from.
 */
export async function startEmulator(functionHost: string, hub: string): Promise<Emulator> {
  const python = findInfraTool('python')
  if (!python) throw new Error('The emulator is not set up: node --import tsx scripts/infra-tools.ts')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(python, [join(ROOT, 'tests', 'infra', 'emulator', 'emulator.py')], {
    env: {
      ...process.env,
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      LOG_LEVEL: 'ERROR',
      AUTH: 'true',
      AWS_ACCESS_KEY_ID: OPERATOR.accessKeyId,
      AWS_SECRET_ACCESS_KEY: OPERATOR.secretAccessKey,
      GEN3D_FUNCTION_HOST: functionHost,
      HF_ENDPOINT: hub,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let words = ''
  child.stderr.on('data', (chunk) => {
    words = `${words}${chunk}`.slice(-4000)
  })
  for (let waited = 0; ; waited += 200) {
    if (child.exitCode !== null) throw new Error(`The emulator ended:\n${words}`)
    if (waited > PATIENCE_MS) throw new Error(`The emulator does not answer:\n${words}`)
    if (
      await fetch(url)
        .then(() => true)
        .catch(() => false)
    )
      break
    await sleep(200)
  }
  return {
    url,
    env: {
      AWS_ENDPOINT_URL: url,
      AWS_ACCESS_KEY_ID: OPERATOR.accessKeyId,
      AWS_SECRET_ACCESS_KEY: OPERATOR.secretAccessKey,
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: undefined,
      NODE_NO_WARNINGS: '1',
    },
    words: () => words,
    async stop() {
      const ended = new Promise((resolve) => child.once('close', resolve))
      child.kill()
      await ended
    },
  }
}
