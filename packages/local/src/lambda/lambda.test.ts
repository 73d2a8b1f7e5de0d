import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type LocalLambda, startLambda } from './lambda.ts'
import { LambdaError, type LambdaOptions } from './lambda-process.ts'

let folder: string
let started: LocalLambda[] = []
const logs: string[] = []

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gen3d-lambda-'))
})
afterEach(async () => {
  await Promise.all(started.map((one) => one.stop()))
  started = []
  logs.length = 0
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function start(file: string, source: string, more: Partial<LambdaOptions> = {}): Promise<LocalLambda> {
  const handlerFile = join(folder, file)
  await writeFile(handlerFile, source)
  const log = (line: string) => logs.push(line)
  const lambda = startLambda({ name: 'fn', handlerFile, handlerName: 'handler', log, ...more })
  started.push(lambda)
  return lambda
}

async function failureOf(promise: Promise<unknown>): Promise<LambdaError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof LambdaError)) throw new Error(`expected a LambdaError, got ${String(error)}`)
  return error
}

test('runs a TypeScript handler with its event, context and environment', async () => {
  const source = `
    interface Context { awsRequestId: string; functionName: string; getRemainingTimeInMillis(): number }
    export const handler = async (event: { n: number }, context: Context) => ({
      twice: event.n * 2, name: context.functionName, left: context.getRemainingTimeInMillis() > 0,
      stage: process.env.STAGE, region: process.env.AWS_REGION, home: process.env.HOME ?? null,
    })`
  const lambda = await start('plain.ts', source, { env: { STAGE: 'local' }, region: 'eu-west-1' })
  expect(await lambda.invoke({ n: 21 })).toEqual({
    twice: 42,
    name: 'fn',
    left: true,
    stage: 'local',
    region: 'eu-west-1',
    home: null,
  })
})

test('runs a bundled CommonJS handler and one that uses the callback', async () => {
  const bundled = await start('bundled.cjs', 'exports.handler = async (event) => ({ got: event })')
  expect(await bundled.invoke('x')).toEqual({ got: 'x' })
  const callback = await start('callback.cjs', 'exports.handler = (event, context, done) => done(null, 7)')
  expect(await callback.invoke({})).toBe(7)
})

test('keeps the process between events and gives each process one event at a time', async () => {
  const source = `
    let running = 0, calls = 0
    exports.handler = async () => {
      running += 1; calls += 1
      const at = running
      await new Promise((resolve) => setTimeout(resolve, 50))
      running -= 1
      return { pid: process.pid, at, calls }
    }`
  const lambda = await start('serial.cjs', source, { maxProcesses: 2 })
  const results = (await Promise.all([1, 2, 3, 4, 5].map((n) => lambda.invoke(n)))) as {
    pid: number
    at: number
    calls: number
  }[]
  expect(results.every((result) => result.at === 1)).toBe(true)
  expect(new Set(results.map((result) => result.pid)).size).toBe(2)
  expect(Math.max(...results.map((result) => result.calls))).toBeGreaterThan(1)
})

test('reports what a handler throws with its name, and goes on', async () => {
  const source = `
    class NotYours extends Error { constructor() { super('no'); this.name = 'NotYours' } }
    exports.handler = async (event) => { if (event === 'throw') throw new NotYours(); return 'fine' }`
  const lambda = await start('throws.cjs', source)
  const error = await failureOf(lambda.invoke('throw'))
  expect([error.errorType, error.message]).toEqual(['NotYours', 'no'])
  expect(error.trace.join('\n')).toContain('throws.cjs')
  expect(await lambda.invoke('ok')).toBe('fine')
})

test('reports a crash like Lambda and serves the next event from a new process', async () => {
  const source = `exports.handler = async (event) => { if (event === 'die') process.exit(3); return process.pid }`
  const lambda = await start('crash.cjs', source)
  const error = await failureOf(lambda.invoke('die'))
  expect(error.errorType).toBe('Runtime.ExitError')
  expect(error.message).toMatch(/Runtime exited with error: exit status 3$/)
  expect(await lambda.invoke('ok')).toBeTypeOf('number')
})

test('ends an event that takes too long, even in a busy loop', async () => {
  const source = `exports.handler = async (event) => { if (event === 'spin') for (;;); return 'fine' }`
  const lambda = await start('spin.cjs', source, { timeoutSeconds: 0.5 })
  const error = await failureOf(lambda.invoke('spin'))
  expect(error.errorType).toBe('Sandbox.Timedout')
  expect(error.message).toMatch(/Task timed out after 0\.50 seconds$/)
  expect(await lambda.invoke('ok')).toBe('fine')
})

test('reports a throw at import, a missing file and a missing export instead of hanging', async () => {
  const atImport = await start('at-import.cjs', `throw new TypeError('no settings')`)
  const thrown = await failureOf(atImport.invoke({}))
  expect([thrown.errorType, thrown.message]).toEqual(['TypeError', 'no settings'])

  const absent = startLambda({
    name: 'absent',
    handlerFile: join(folder, 'absent.cjs'),
    handlerName: 'handler',
    log: () => {},
  })
  started.push(absent)
  expect((await failureOf(absent.invoke({}))).errorType).toBe('Runtime.ImportModuleError')

  const unnamed = await start('unnamed.cjs', 'exports.other = () => {}')
  expect((await failureOf(unnamed.invoke({}))).errorType).toBe('Runtime.HandlerNotFound')
})

test('refuses a result that JSON cannot carry', async () => {
  const lambda = await start(
    'circular.cjs',
    'exports.handler = async () => { const a = {}; a.a = a; return a }',
  )
  expect((await failureOf(lambda.invoke({}))).errorType).toBe('Runtime.MarshalError')
})

test('forwards each log line with the function as its prefix', async () => {
  const lambda = await start(
    'logs.cjs',
    `exports.handler = async () => { console.log('one\\ntwo'); console.error('three') }`,
  )
  expect(await lambda.invoke({})).toBeNull()
  await expect
    .poll(() => logs, { timeout: 15_000 })
    .toEqual(expect.arrayContaining(['[fn] one', '[fn] two', '[fn] three']))
})

test('takes the changed code after a reload', async () => {
  const lambda = await start('reload.cjs', 'exports.handler = async () => 1')
  expect(await lambda.invoke({})).toBe(1)
  await writeFile(join(folder, 'reload.cjs'), 'exports.handler = async () => 2')
  lambda.reload()
  expect(await lambda.invoke({})).toBe(2)
})

test('starts one process ahead of the first event where it is told to, which then runs it', async () => {
  const source = 'export const handler = async () => process.pid; console.log(`pid ${process.pid}`)'
  const lambda = await start('warm.mjs', source)
  lambda.warm()
  lambda.warm()
  await vi.waitFor(() => expect(logs.length).toBe(1), 20_000)
  expect(`[fn] pid ${await lambda.invoke({})}`).toBe(logs[0])
  expect(logs.length).toBe(1)
})
