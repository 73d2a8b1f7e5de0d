import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvokeEndpointAsyncCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime'
import { expect, test } from 'vitest'
import { BUCKET, OWNER, REGION, temporaryFolder } from '../s3/s3-fixture.ts'
import { clientSettings, ENDPOINT, sageMakerForTest, toEndpoint } from './sagemaker-fixture.ts'

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('after SIGKILL no container stays behind, and what waited or ran is run', async () => {
  const folder = temporaryFolder()
  const { s3, result, put, ...other } = await sageMakerForTest()
  await other.stop()
  const program = `
    import { startSageMaker } from ${JSON.stringify(new URL('./sagemaker.ts', import.meta.url).href)}
    const key = ${JSON.stringify(OWNER)}
    const server = await startSageMaker({
      folder: ${JSON.stringify(folder)}, port: 0, region: '${REGION}', keyOf: () => key, log: () => {},
      endpoints: [${JSON.stringify(toEndpoint({ maxConcurrentInvocationsPerInstance: 1, maxInstances: 1 }))}],
      s3: { endpoint: '${s3.endpoint}', ...key },
    })
    setInterval(() => process.send({ endpoint: server.endpoint, state: server.state()[0] }), 50)`
  const file = join(temporaryFolder(), 'stack.mjs')
  await writeFile(file, program)
  const loader = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href
  const stack = fork(file, { execArgv: ['--import', loader] })
  const [{ endpoint }] = await once(stack, 'message')
  await put('inputs/slow', 'sleep 4000')
  await put('inputs/quick', 'echo')
  const runtime = new SageMakerRuntimeClient({ endpoint, ...clientSettings })
  const invoke = (input: string) =>
    runtime.send(
      new InvokeEndpointAsyncCommand({
        EndpointName: ENDPOINT,
        InputLocation: `s3://${BUCKET}/inputs/${input}`,
      }),
    )
  const running = await invoke('slow')
  const waiting = await invoke('quick')
  let pid = 0
  while (pid === 0) {
    const [{ state }] = await once(stack, 'message')
    if (state.running === 1) pid = state.instances[0].pid
  }
  stack.kill('SIGKILL')
  await once(stack, 'exit')
  await expect.poll(() => isAlive(pid), { timeout: 15_000 }).toBe(false)

  const again = await sageMakerForTest({}, { folder, s3: { endpoint: s3.endpoint, ...OWNER } })
  expect(again.state()[0].waiting + again.state()[0].running).toBe(2)
  await put('inputs/slow', 'echo again')
  expect(JSON.parse((await result(running.OutputLocation)).text).body).toBe('echo again')
  await result(waiting.OutputLocation)
  await expect.poll(() => again.state()[0].running, { timeout: 15_000 }).toBe(0)
}, 60_000)

test('a stop lets the container finish within its grace; what it does not finish runs after the next start', async () => {
  const folder = temporaryFolder()
  const first = await sageMakerForTest({}, { folder, stopGraceSeconds: 1.5 })
  const quick = await first.invoke('sleep 800')
  const slow = await first.invoke('sleep 5000')
  const arrived = () => first.logs.filter((line) => line.includes('got sleep')).length
  await expect.poll(arrived, { timeout: 15_000, interval: 20 }).toBe(2)
  await first.stop()
  expect(await first.exists(quick.OutputLocation)).toBe(true)
  expect(await first.exists(slow.OutputLocation)).toBe(false)
  expect(await first.exists(slow.FailureLocation)).toBe(false)
  await sageMakerForTest({}, { folder, s3: { endpoint: first.s3.endpoint, ...OWNER } })
  await first.result(slow.OutputLocation)
}, 30_000)

test('what a container refuses with 503 fails, but while the stack stops it waits for the next start', async () => {
  const folder = temporaryFolder()
  const first = await sageMakerForTest({}, { folder, stopGraceSeconds: 5 })
  const { text } = await first.result((await first.invoke('refuse 503')).FailureLocation)
  expect(text).toContain('server error (503)')
  const waiting = await first.invoke('sleep 800 503')
  const ill = await first.invoke('sleep 800 500')
  const arrived = () => first.logs.filter((line) => line.includes('got sleep')).length
  await expect.poll(arrived, { timeout: 15_000, interval: 20 }).toBe(2)
  await first.stop()
  expect(await first.exists(ill.FailureLocation)).toBe(true)
  expect(await first.exists(waiting.FailureLocation)).toBe(false)
  const again = await sageMakerForTest({}, { folder, s3: { endpoint: first.s3.endpoint, ...OWNER } })
  expect(again.state()[0].waiting + again.state()[0].running).toBe(1)
  await first.result(waiting.FailureLocation)
}, 30_000)
