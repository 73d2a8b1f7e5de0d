import { AwsClient } from 'aws4fetch'
import { expect, it } from 'vitest'
import { isSigned, type SignedRequest, type VerifyOptions, verifySignature } from './sigv4.ts'

// The worked examples of the Amazon S3 API reference, "Signature calculations".
const EXAMPLE = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
}
const NOW = Date.parse('2013-05-24T00:00:00Z')
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const keyOf = (id: string) => (id === EXAMPLE.accessKeyId ? EXAMPLE : undefined)
const s3 = { service: 's3', region: 'us-east-1', keyOf, now: NOW }

const get: SignedRequest = {
  method: 'GET',
  url: '/test.txt',
  headers: {
    host: 'examplebucket.s3.amazonaws.com',
    range: 'bytes=0-9',
    'x-amz-content-sha256': EMPTY_SHA256,
    'x-amz-date': '20130524T000000Z',
    authorization:
      'AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
  },
}
const presigned: SignedRequest = {
  method: 'GET',
  url: '/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  headers: { host: 'examplebucket.s3.amazonaws.com' },
}
const codeOf = (request: SignedRequest, options: Partial<VerifyOptions<typeof EXAMPLE>> = {}) => {
  try {
    verifySignature(request, { ...s3, ...options })
    return 'accepted'
  } catch (error) {
    return (error as { code: string }).code
  }
}

it('accepts the signed examples of the S3 reference', () => {
  expect(verifySignature(get, s3)).toEqual({ key: EXAMPLE, payloadHash: EMPTY_SHA256, presigned: false })
  expect(verifySignature(presigned, s3)).toEqual({
    key: EXAMPLE,
    payloadHash: 'UNSIGNED-PAYLOAD',
    presigned: true,
  })
  expect([get, presigned, { ...get, headers: {} }].map(isSigned)).toEqual([true, true, false])
})

it('refuses them after any change', () => {
  expect(codeOf({ ...get, method: 'HEAD' })).toBe('SignatureDoesNotMatch')
  expect(codeOf({ ...get, url: '/test.txt?a=b' })).toBe('SignatureDoesNotMatch')
  expect(codeOf({ ...get, headers: { ...get.headers, range: 'bytes=0-90' } })).toBe('SignatureDoesNotMatch')
  expect(codeOf({ ...get, headers: { ...get.headers, 'x-amz-acl': 'public-read' } })).toBe('AccessDenied')
  expect(codeOf({ ...presigned, headers: { host: 'other' } })).toBe('SignatureDoesNotMatch')
  expect(codeOf(get, { region: 'eu-central-1' })).toBe('AuthorizationHeaderMalformed')
  expect(codeOf(get, { service: 'sagemaker' })).toBe('AuthorizationHeaderMalformed')
  expect(codeOf(get, { keyOf: () => undefined })).toBe('InvalidAccessKeyId')
  expect(codeOf(get, { now: NOW + 16 * 60_000 })).toBe('RequestTimeTooSkewed')
  expect(codeOf(get, { now: NOW - 16 * 60_000 })).toBe('RequestTimeTooSkewed')
  expect(codeOf(presigned, { now: NOW + 86_400_000 })).toBe('accepted')
  expect(codeOf(presigned, { now: NOW + 86_401_000 })).toBe('AccessDenied')
  expect(codeOf({ ...presigned, url: presigned.url.replace('=86400', '=864000') })).toBe(
    'AuthorizationQueryParametersError',
  )
  expect(codeOf({ ...get, headers: { host: 'x' } })).toBe('MissingAuthenticationToken')
  expect(codeOf({ ...get, headers: { host: 'x', authorization: 'AWS4-HMAC-SHA256' } })).toBe(
    'AuthorizationHeaderMalformed',
  )
})

it('accepts what another signer made for a service that encodes paths twice, with the body that was signed', async () => {
  const client = new AwsClient({ ...EXAMPLE, service: 'sagemaker', region: 'us-east-1' })
  const url = 'http://127.0.0.1:1/endpoints/a%20b/async-invocations?b=2&a=1%2B1'
  const signed = await client.sign(url, { method: 'POST', body: '{"a":1}', headers: { 'x-amz-target': 'T' } })
  const headers = { ...Object.fromEntries(signed.headers), host: '127.0.0.1:1' }
  const request = { method: 'POST', url: url.slice('http://127.0.0.1:1'.length), headers }
  const options = { service: 'sagemaker', region: undefined, now: undefined }
  expect(codeOf(request, { ...options, body: Buffer.from('{"a":1}') })).toBe('accepted')
  expect(codeOf(request, { ...options, body: Buffer.from('{"a":2}') })).not.toBe('accepted')
})
