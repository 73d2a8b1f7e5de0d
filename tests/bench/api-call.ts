/** Calls the API's handler as API Gateway would, without one. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/steps.ts'

interface Answer {
  readonly statusCode: number
  readonly body: string
}
/** Loads the handler, which reads its environment now. */
export async function createApi() {
  const sample = JSON.parse(
    readFileSync(join(ROOT, 'services', 'api', 'events', 'get-capabilities.json'), 'utf8'),
  )
  const { main } = (await import('../../services/api/src/handler.ts')) as unknown as {
    main: (event: unknown, context: unknown) => Promise<Answer>
  }
  async function call<T>(httpMethod: string, resource: string, more: object): Promise<T> {
    const event = { ...sample, httpMethod, resource, path: resource, ...more }
    const { statusCode, body } = await main(event, {})
    if (statusCode >= 300) throw new Error(`${httpMethod} ${resource} answered ${statusCode}: ${body}`)
    return JSON.parse(body) as T
  }
  return {
    sub: sample.requestContext.authorizer.claims.sub as string,
    get: <T>(resource: string, pathParameters: object = {}) => call<T>('GET', resource, { pathParameters }),
    post: <T>(resource: string, body: object) =>
      call<T>('POST', resource, {
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      }),
  }
}
