import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { zipSync } from 'fflate'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type LoopbackServer, sendJson, serveLoopback } from '../server.ts'
import { openAwsCalls } from './aws-calls.ts'
import { type FunctionHost, startFunctionHost } from './function-host.ts'

const SESSION = { accessKeyId: 'ASIASESSION', secretAccessKey: 'secret', sessionToken: 'token' }
let folder = ''
let held: LoopbackServer
let host: FunctionHost
let zip: Uint8Array

/** The archive of a handler that answers with what this expression gives. */
function deploy(expression: string): void {
  const source = `exports.main = async (event) => (${expression})`
  zip = zipSync({ 'src/handler.js': new TextEncoder().encode(source) })
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gen3d-host-'))
  held = await serveLoopback({
    name: 'A Lambda that holds functions',
    port: 0,
    handle(request, response) {
      if (request.url === '/code') response.end(zip)
      else if (request.url?.startsWith('/_gen3d/role-session')) sendJson(response, 200, SESSION)
      else
        sendJson(response, 200, {
          Code: { Location: `${held.endpoint}/code` },
          Configuration: {
            FunctionName: 'Doubler',
            Handler: 'src/handler.main',
            Role: 'arn:aws:iam::000000000000:role/Doubler',
            Timeout: 5,
            MemorySize: 128,
            CodeSha256: createHash('sha256').update(zip).digest('base64'),
            Environment: { Variables: { FACTOR: '2' } },
          },
        })
    },
  })
  const env = () => ({ AWS_ENDPOINT_URL: held.endpoint })
  host = await startFunctionHost({ folder, port: 0, env, log: () => {} })
})
afterEach(async () => {
  await host.stop()
  await held.stop()
  await rm(folder, { recursive: true, force: true })
})

const connect = () =>
  host.connect(openAwsCalls({ endpoint: held.endpoint, region: 'us-east-1', operator: SESSION }))

async function invoke(event: unknown): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(host.endpoint, {
    method: 'POST',
    headers: { 'X-Amzn-Lambda-Function-Name': 'Doubler' },
    body: JSON.stringify(event),
  })
  return { status: answer.status, body: await answer.json() }
}

test('a function runs from its archive, with its environment and a session of its role', async () => {
  deploy('[event.n * process.env.FACTOR, process.env.AWS_ACCESS_KEY_ID, process.env.AWS_SESSION_TOKEN]')
  connect()
  expect(await invoke({ n: 21 })).toEqual({ status: 200, body: [42, 'ASIASESSION', 'token'] })
  expect(host.keyOf('ASIASESSION')).toEqual(SESSION)
  expect(host.ran()).toEqual(['Doubler'])
})

test('the next event after a deploy meets the new code', async () => {
  deploy('1')
  connect()
  expect((await invoke({})).body).toBe(1)
  deploy('2')
  expect((await invoke({})).body).toBe(2)
})

test('a failed invocation is told with its type', async () => {
  deploy('event.nothing.at.all')
  connect()
  expect(await invoke({})).toMatchObject({ status: 500, body: { errorType: 'TypeError' } })
})

test('before it knows where functions are held it refuses', async () => {
  expect(await invoke({})).toMatchObject({ status: 500 })
})
