import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Invocation, MailRejected } from '@gen3d/jobs/ports'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { CognitoAccounts } from './accounts.ts'
import { LambdaEndpoint } from './lambda-endpoint.ts'
import { SesMailer } from './mailer.ts'
import { SageMakerEndpoint } from './sagemaker-endpoint.ts'
import { SageMakerObserver } from './sagemaker-observer.ts'
import { isUnavailable } from './unavailable.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

let seen: Seen[] = []
let answer: { status: number; headers?: Record<string, string>; body?: unknown } = { status: 200 }

const server = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += chunk
  seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
  response.writeHead(answer.status, answer.headers)
  response.end(answer.body === undefined ? '' : JSON.stringify(answer.body))
})

beforeEach(async () => {
  seen = []
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`)
  vi.stubEnv('AWS_REGION', 'eu-central-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'KEY')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
  vi.stubEnv('AWS_SESSION_TOKEN', 'token')
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await new Promise((resolve) => server.close(resolve))
})

const call = {
  jobId: 'JOB',
  request: { job_id: 'JOB' },
  requestKey: 'users/a/request.json',
  outputPrefix: 'users/a/output/',
  outputName: 'b',
  requestTtlSeconds: 600,
  invocationTimeoutSeconds: 120,
} as unknown as Invocation

describe('signed calls', () => {
  it('invoke the SageMaker endpoint by headers and read where a failure would stand', async () => {
    answer = {
      status: 202,
      headers: { 'X-Amzn-SageMaker-FailureLocation': 's3://photos/failures/x-error.out' },
    }
    const endpoint = new SageMakerEndpoint('photos', 'my-endpoint')
    expect(await endpoint.invoke(call)).toEqual({ failureKey: 'failures/x-error.out' })
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/endpoints/my-endpoint/async-invocations',
      headers: {
        'x-amzn-sagemaker-inference-id': 'JOB',
        'x-amzn-sagemaker-inputlocation': 's3://photos/users/a/request.json',
        'x-amzn-sagemaker-s3outputpathextension': 'users/a/output/',
        'x-amzn-sagemaker-filename': 'b',
        'x-amzn-sagemaker-requestttlseconds': '600',
        'x-amzn-sagemaker-invocationtimeoutseconds': '120',
        'x-amz-security-token': 'token',
        authorization: expect.stringContaining('/eu-central-1/sagemaker/aws4_request'),
      },
    })
  })

  it('know no failure object in a foreign bucket', async () => {
    answer = { status: 202, headers: { 'X-Amzn-SageMaker-FailureLocation': 's3://other/failures/x' } }
    expect(await new SageMakerEndpoint('photos', 'e').invoke(call)).toEqual({ failureKey: null })
  })

  it('are never repeated where a second call would make a second job', async () => {
    answer = {
      status: 503,
      headers: { 'x-amzn-errortype': 'ServiceUnavailable' },
      body: { Message: 'later' },
    }
    for (const endpoint of [new SageMakerEndpoint('photos', 'e'), new LambdaEndpoint('f')]) {
      seen = []
      const error = await endpoint.invoke(call).catch((thrown) => thrown)
      expect(error).toMatchObject({ name: 'AwsCallError', status: 503, type: 'ServiceUnavailable' })
      expect(isUnavailable(error)).toBe(true)
      expect(seen.length).toBe(1)
    }
  })

  it('hand the request itself to the engine’s Lambda, asynchronously', async () => {
    answer = { status: 202 }
    expect(await new LambdaEndpoint('Gen3DPreviewLambda').invoke(call)).toEqual({ failureKey: null })
    expect(seen[0]).toMatchObject({
      url: '/2015-03-31/functions/Gen3DPreviewLambda/invocations',
      headers: { 'x-amz-invocation-type': 'Event' },
      body: '{"job_id":"JOB"}',
    })
  })

  it.each([
    [{ EndpointStatus: 'InService', ProductionVariants: [{ CurrentInstanceCount: 2 }] }, 'ready', 2],
    [
      {
        EndpointStatus: 'InService',
        ProductionVariants: [{ CurrentInstanceCount: 0, DesiredInstanceCount: 0 }],
      },
      'asleep',
      0,
    ],
    [
      {
        EndpointStatus: 'Updating',
        ProductionVariants: [{ CurrentInstanceCount: 0, DesiredInstanceCount: 1 }],
      },
      'changing',
      0,
    ],
    [{ EndpointStatus: 'Creating' }, 'changing', null],
    [{ EndpointStatus: 'Failed' }, 'failed', null],
  ])('read the endpoint %o as %s', async (body, status, instances) => {
    answer = { status: 200, body }
    expect(await new SageMakerObserver('e').describe()).toEqual({ status, instances })
    expect(seen[0].headers['x-amz-target']).toBe('SageMaker.DescribeEndpoint')
  })

  it('take an endpoint that is not there for unknown', async () => {
    answer = { status: 400, body: { __type: 'com.amazon#ValidationException', message: 'no such endpoint' } }
    expect(await new SageMakerObserver('e').describe()).toEqual({ status: 'unknown', instances: null })
  })

  it('delete an account, and one that is gone already', async () => {
    answer = { status: 200, body: {} }
    await new CognitoAccounts('pool').deleteUser('anna')
    expect(JSON.parse(seen[0].body)).toEqual({ UserPoolId: 'pool', Username: 'anna' })
    answer = { status: 400, body: { __type: 'UserNotFoundException', message: 'gone' } }
    await new CognitoAccounts('pool').deleteUser('anna')
    answer = { status: 400, body: { __type: 'NotAuthorizedException', message: 'no' } }
    await expect(new CognitoAccounts('pool').deleteUser('anna')).rejects.toMatchObject({
      type: 'NotAuthorizedException',
    })
  })

  it('send a mail once, and tell a final refusal from one that may pass', async () => {
    const mail = { to: 'anna@example.com', subject: 'Fertig: Stühle', text: 't', html: '<p>t</p>' }
    answer = { status: 200, body: { MessageId: '1' } }
    await new SesMailer('gen3d@example.com', 'set').send(mail)
    expect(seen[0]).toMatchObject({
      url: '/v2/email/outbound-emails',
      headers: { authorization: expect.stringContaining('/ses/aws4_request') },
    })
    expect(JSON.parse(seen[0].body)).toMatchObject({
      FromEmailAddress: 'gen3d@example.com',
      Destination: { ToAddresses: ['anna@example.com'] },
      ConfigurationSetName: 'set',
      Content: { Simple: { Subject: { Data: 'Fertig: Stühle', Charset: 'UTF-8' } } },
    })
    answer = {
      status: 400,
      headers: { 'x-amzn-ErrorType': 'MessageRejected' },
      body: { message: 'not verified' },
    }
    await expect(new SesMailer('a@example.com', null).send(mail)).rejects.toBeInstanceOf(MailRejected)
    answer = { status: 429, headers: { 'x-amzn-ErrorType': 'TooManyRequestsException' }, body: {} }
    seen = []
    await expect(new SesMailer('a@example.com', null).send(mail)).rejects.toMatchObject({
      name: 'AwsCallError',
    })
    expect(seen.length).toBe(1)
  })
})
