/** Steps of deploy.test.ts that ask what the deployed roles may: the emulator weighs their policies as IAM does. */
import { openAwsCalls } from '@gen3d/local/deployed/aws-calls'
import type { SigningKey } from '@gen3d/local/sigv4'
import { expect, test } from 'vitest'
import type { Deployment } from './deployment.ts'
import { signUp } from './whole-job.ts'

/** Status of a call on an object with somebody's key. */
async function openBucketAs({ calls, outputs }: Deployment, operator: SigningKey) {
  const { rest } = openAwsCalls({ ...calls.place, operator })
  const { BucketName } = await outputs()
  return async (method: string, key: string): Promise<number> => {
    const body = method === 'PUT' ? 'x' : undefined
    try {
      return (await rest('s3', `/${BucketName}/${key}`, { method, body })).status
    } catch (error) {
      return Number(/: (\d{3}) /.exec((error as Error).message)?.[1])
    }
  }
}

export function roleSteps(open: () => Deployment): void {
  test('the API’s role reads what people have, and no failure object; nobody else may take it', async () => {
    const { calls } = open()
    const role = 'arn:aws:iam::000000000000:role/Gen3DLambdaWrapperRole'
    const ask = await openBucketAs(open(), await calls.takeRole(role, 'lambda.amazonaws.com'))
    expect(await ask('GET', 'users/somebody/photo')).toBe(200)
    // A missing key is told from a forbidden one: the sweep would misjudge otherwise.
    expect(await ask('HEAD', 'users/nobody/none')).toBe(404)
    expect(await ask('GET', 'failures/one')).toBe(403)
    expect(await ask('PUT', 'public/index.html')).toBe(403)
    await expect(calls.takeRole(role, 'sagemaker.amazonaws.com')).rejects.toThrow('may not take')
  })

  test('a person through the identity pool reads the own prefix, and can forge nothing', async () => {
    const { calls, outputs, siteConfig, bucket } = open()
    const { idToken } = await signUp(open(), await siteConfig())
    const { sub } = JSON.parse(Buffer.from(idToken.split('.')[1], 'base64url').toString()) as { sub: string }
    const { IdentityPoolId } = await outputs('foundation')
    const { UserPoolId } = await outputs()
    const Logins = { [`cognito-idp.us-east-1.amazonaws.com/${UserPoolId}`]: idToken }
    const service = 'AWSCognitoIdentityService'
    const { IdentityId } = await calls.json('cognito-identity', `${service}.GetId`, {
      IdentityPoolId,
      Logins,
    })
    const answer = await calls.json('cognito-identity', `${service}.GetCredentialsForIdentity`, {
      IdentityId,
      Logins,
    })
    const key = answer.Credentials as { AccessKeyId: string; SecretKey: string; SessionToken: string }
    const ask = await openBucketAs(open(), {
      accessKeyId: key.AccessKeyId,
      secretAccessKey: key.SecretKey,
      sessionToken: key.SessionToken,
    })
    const mine = `users/${sub}/sessions/01ARZ3NDEKTSV4RRFFQ69G5FAV`
    const { objects } = await bucket()
    await objects.put(`${mine}/jobs/j/manifest.json`, '{}', { contentType: 'application/json' })
    expect(await ask('PUT', `${mine}/original_image.jpg`)).toBe(200)
    expect(await ask('GET', `${mine}/jobs/j/manifest.json`)).toBe(200)
    expect(await ask('PUT', `${mine}/jobs/j/manifest.json`)).toBe(403)
    expect(await ask('DELETE', `${mine}/original_image.jpg`)).toBe(403)
    expect(await ask('GET', 'users/somebody/photo')).toBe(403)
    expect(await ask('PUT', 'users/somebody/sessions/s/original_image.jpg')).toBe(403)
  })
}
