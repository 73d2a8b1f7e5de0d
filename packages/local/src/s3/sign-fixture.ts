import { createHash, createHmac } from 'node:crypto'
import { OWNER, REGION } from './s3-fixture.ts'

/** Headers of a request that the owner signed with an unsigned payload, for tests that write to a socket themselves. */
export function signedHeaders(method: string, path: string, host: string): Record<string, string> {
  const date = `${new Date().toISOString().slice(0, 19).replace(/[-:]/g, '')}Z`
  const headers = { host, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', 'x-amz-date': date }
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}`)
  const canonical = [method, path, '', ...lines, '', names, 'UNSIGNED-PAYLOAD'].join('\n')
  const scope = [date.slice(0, 8), REGION, 's3', 'aws4_request']
  const hash = createHash('sha256').update(canonical).digest('hex')
  const key = scope.reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${OWNER.secretAccessKey}`,
  )
  const text = ['AWS4-HMAC-SHA256', date, scope.join('/'), hash].join('\n')
  const signature = createHmac('sha256', key).update(text).digest('hex')
  const credential = `${OWNER.accessKeyId}/${scope.join('/')}`
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  }
}
