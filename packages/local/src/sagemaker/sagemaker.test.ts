import { DescribeEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker'
import { InvokeEndpointAsyncCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime'
import { describe, expect, test } from 'vitest'
import { BUCKET } from '../s3/s3-fixture.ts'
import { clientSettings, ENDPOINT, errorOf, sageMakerForTest } from './sagemaker-fixture.ts'

describe('an invocation', () => {
  test('goes from S3 through the container to S3, after a cold start', async () => {
    const { invoke, result, state, logs } = await sageMakerForTest({ env: { GREETING: 'hello' } })
    expect(state()[0].instances).toEqual([])
    const accepted = await invoke('echo me', {
      InferenceId: 'job-1',
      ContentType: 'application/json',
      Accept: 'application/x-thing',
      CustomAttributes: 'kind=embed',
    })
    expect(accepted.$metadata.httpStatusCode).toBe(202)
    expect(accepted).toMatchObject({
      InferenceId: 'job-1',
      OutputLocation: `s3://${BUCKET}/outputs/job-1.out`,
      FailureLocation: `s3://${BUCKET}/failures/job-1-error.out`,
    })
    const { text, type } = await result(accepted.OutputLocation)
    const answer = JSON.parse(text)
    expect(type).toBe('application/json')
    expect(answer).toMatchObject({
      body: 'echo me',
      env: 'hello',
      headers: {
        'content-type': 'application/json',
        accept: 'application/x-thing',
        'x-amzn-sagemaker-custom-attributes': 'kind=embed',
        'x-amzn-sagemaker-inference-id': 'job-1',
      },
    })
    // It answered 503 while it loaded.
    expect(answer.pings).toBeGreaterThan(1)
    expect(state()[0].cold_starts[0]).toBeGreaterThan(0.2)
    expect(logs).toContain(`[${ENDPOINT}] container is up`)
  })

  test('takes an inline body, a file name and a path extension, and makes an id', async () => {
    const { runtime, result } = await sageMakerForTest()
    const accepted = await runtime.send(
      new InvokeEndpointAsyncCommand({
        EndpointName: ENDPOINT,
        Body: 'inline',
        Filename: 'result-1',
        S3OutputPathExtension: 'users/ann',
      }),
    )
    expect(accepted.InferenceId).toMatch(/^[0-9a-f-]{36}$/)
    expect(accepted.OutputLocation).toBe(`s3://${BUCKET}/outputs/users/ann/result-1.out`)
    expect(accepted.FailureLocation).toBe(`s3://${BUCKET}/failures/${accepted.InferenceId}-error.out`)
    expect(JSON.parse((await result(accepted.OutputLocation)).text).body).toBe('inline')
  })

  test('may answer with bytes that are no JSON', async () => {
    const { invoke, result } = await sageMakerForTest()
    const { type, text } = await result((await invoke('binary')).OutputLocation)
    expect([type, text.length]).toEqual(['image/png', 3])
  })

  test("is refused with SageMaker's errors when it breaks a rule", async () => {
    const { runtime, endpoint, invoke } = await sageMakerForTest()
    const send = (more: object) =>
      errorOf(runtime.send(new InvokeEndpointAsyncCommand({ EndpointName: ENDPOINT, ...more })))
    const InputLocation = `s3://${BUCKET}/x`
    const broken: [object, RegExp][] = [
      [{ EndpointName: 'other', InputLocation }, /Endpoint other of account 000000000000 not found/],
      [{}, /InputLocation or Body/],
      [{ InputLocation, Body: 'x' }, /not both/],
      [{ Body: 'x'.repeat(128_001) }, /128000/],
      [{ InputLocation: 'http://example.com/x' }, /InputLocation/],
      [{ InputLocation, InferenceId: 'x'.repeat(65) }, /inference-id/],
      [{ InputLocation, CustomAttributes: 'x'.repeat(1025) }, /custom-attributes/],
      [{ InputLocation, Filename: 'x'.repeat(33) }, /filename/],
      [{ InputLocation, RequestTTLSeconds: 59 }, /requestttlseconds/],
      [{ InputLocation, InvocationTimeoutSeconds: 3601 }, /invocationtimeoutseconds/],
    ]
    for (const [more, message] of broken) {
      const [name, status, text] = await send(more)
      expect([name, status]).toEqual(['ValidationError', 400])
      expect(text).toMatch(message)
    }
    const stranger = new SageMakerRuntimeClient({
      ...clientSettings,
      endpoint,
      credentials: { ...clientSettings.credentials, secretAccessKey: 'guess' },
    })
    const forged = stranger.send(new InvokeEndpointAsyncCommand({ EndpointName: ENDPOINT, InputLocation }))
    expect((await errorOf(forged)).slice(0, 2)).toEqual(['InvalidSignatureException', 403])
    const unsigned = await fetch(`${endpoint}/endpoints/${ENDPOINT}/async-invocations`, {
      method: 'POST',
      body: 'x',
    })
    expect(unsigned.status).toBe(403)
    expect((await invoke('ok', { InferenceId: 'x'.repeat(64) })).InferenceId?.length).toBe(64)
  })
})

describe('a failure object', () => {
  test('is written when the container refuses, with its answer in it', async () => {
    const { invoke, result, exists } = await sageMakerForTest()
    const client = await invoke('refuse 422')
    expect((await result(client.FailureLocation)).text).toBe(
      'Received client error (422) from primary with message "{"error":"bad photo"}".',
    )
    expect(await exists(client.OutputLocation)).toBe(false)
    const server = await invoke('refuse 500')
    expect((await result(server.FailureLocation)).text).toMatch(/^Received server error \(500\) from primary/)
  })

  test('is written when the input is not there, and when the answer has no length', async () => {
    const { invoke, result } = await sageMakerForTest()
    const absent = await invoke('x', { InputLocation: `s3://${BUCKET}/inputs/absent` })
    expect((await result(absent.FailureLocation)).text).toMatch(
      /^Unable to download the input\. .*404 NoSuchKey$/,
    )
    const chunked = await invoke('chunked')
    expect((await result(chunked.FailureLocation)).text).toMatch(
      /did not specify the required Content-Length header/,
    )
  })

  test('is written when the time of the invocation is over', async () => {
    const { invoke, result } = await sageMakerForTest()
    const accepted = await invoke('sleep 60000', { InvocationTimeoutSeconds: 1 })
    expect((await result(accepted.FailureLocation)).text).toMatch(
      /within the invocation timeout of 1 seconds/,
    )
  })

  test('is written for everything that ran when the container dies, and a new instance goes on', async () => {
    const { invoke, result, exists } = await sageMakerForTest()
    const first = JSON.parse((await result((await invoke('echo')).OutputLocation)).text)
    const beside = await invoke('sleep 60000')
    const crash = await invoke('crash')
    for (const one of [beside, crash]) {
      expect((await result(one.FailureLocation)).text).toMatch(/exited before it answered/)
      expect(await exists(one.OutputLocation)).toBe(false)
    }
    const next = JSON.parse((await result((await invoke('echo')).OutputLocation)).text)
    expect(next.pid).not.toBe(first.pid)
  })
})

describe('the queue', () => {
  test('runs in order, at most as many at once as the instance may', async () => {
    const options = { maxInstances: 1, maxConcurrentInvocationsPerInstance: 2 }
    const { invoke, result, state } = await sageMakerForTest(options)
    const accepted = []
    for (let n = 0; n < 5; n += 1) accepted.push(await invoke('sleep 150'))
    expect(state()[0].waiting + state()[0].running).toBe(5)
    const answers = []
    for (const { OutputLocation } of accepted) answers.push(JSON.parse((await result(OutputLocation)).text))
    expect(Math.max(...answers.map((answer) => answer.most))).toBe(2)
    expect(new Set(answers.map((answer) => answer.pid)).size).toBe(1)
  })

  test('drops silently what waited longer than its RequestTTL', async () => {
    let nowMs = Date.now()
    const options = { maxInstances: 1, maxConcurrentInvocationsPerInstance: 1 }
    const { invoke, result, exists, state, logs } = await sageMakerForTest(options, { nowMs: () => nowMs })
    const first = await invoke('sleep 1500')
    const late = await invoke('echo', { RequestTTLSeconds: 60 })
    const patient = await invoke('echo')
    await expect.poll(() => state()[0].running, { timeout: 15_000 }).toBe(1)
    nowMs += 61_000
    await result(first.OutputLocation)
    await result(patient.OutputLocation)
    expect([await exists(late.OutputLocation), await exists(late.FailureLocation)]).toEqual([false, false])
    expect(logs.some((line) => line.includes(`${late.InferenceId} waited longer`))).toBe(true)
  })
})

describe('instances', () => {
  test('are added while the backlog is above the target, and all go when nothing is left to do', async () => {
    const options = {
      maxInstances: 2,
      maxConcurrentInvocationsPerInstance: 1,
      scaleOutSeconds: 0.2,
      scaleToZeroSeconds: 1,
    }
    const { invoke, result, state } = await sageMakerForTest(options)
    const accepted = []
    for (let n = 0; n < 4; n += 1) accepted.push(await invoke('sleep 2000'))
    const pids = new Set<number>()
    for (const { OutputLocation } of accepted) pids.add(JSON.parse((await result(OutputLocation)).text).pid)
    expect(pids.size).toBe(2)
    await expect.poll(() => state()[0].instances.length, { timeout: 15_000 }).toBe(0)
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow()
  })

  test('wait out the cold start, and are replaced when /ping says that they are broken', async () => {
    const { invoke, result, state, logs } = await sageMakerForTest({ coldStartSeconds: 0.7 })
    const broken = JSON.parse((await result((await invoke('break')).OutputLocation)).text)
    expect(state()[0].cold_starts[0]).toBeGreaterThan(0.9)
    await expect
      .poll(() => logs.some((line) => line.includes('/ping answered 500 3 times')), { timeout: 15_000 })
      .toBe(true)
    const next = JSON.parse((await result((await invoke('echo')).OutputLocation)).text)
    expect(next.pid).not.toBe(broken.pid)
  })

  test.each([
    ['exit', /exited before it was ready/],
    ['broken', /\/ping answered 500/],
  ])(
    'that cannot start (%s) are tried again and reported, and the invocation waits',
    async (PING, reason) => {
      const { invoke, exists, state, endpoint } = await sageMakerForTest({ env: { PING } })
      const accepted = await invoke('echo')
      await expect.poll(() => state()[0].failure, { timeout: 15_000 }).toMatch(reason)
      const client = new SageMakerClient({ endpoint, ...clientSettings })
      const described = await client.send(new DescribeEndpointCommand({ EndpointName: ENDPOINT }))
      expect(described.FailureReason).toMatch(reason)
      expect(state()[0].waiting).toBe(1)
      expect(await exists(accepted.FailureLocation)).toBe(false)
    },
  )
})
