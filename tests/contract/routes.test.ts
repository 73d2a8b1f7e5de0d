/** The template's routes are the contract's routes, each but the public one behind the authorizer, all with CORS; its rule sees what notify reads. */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readServerlessApi } from '@gen3d/local/lambda/serverless-api'
import { RESOURCES } from '@gen3d/shared/names'
import { ROUTES, type Route } from '@gen3d/shared/routes'
import { describe, expect, it } from 'vitest'

const yml = (service: string) =>
  join(fileURLToPath(new URL('../../services', import.meta.url)), service, 'serverless.yml')

describe('services/api/serverless.yml', () => {
  const api = readServerlessApi(yml('api'), { stage: 'local' })

  it('has every route of the contract and no other', () => {
    const wanted = (Object.values(ROUTES) as Route[]).map(({ method, path }) => `${method} ${path}`)
    expect(api.routes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual(wanted.sort())
  })

  it('lets nobody in without a token but where the contract says so, and the page only', () => {
    const open = (Object.values(ROUTES) as Route[]).filter((route) => route.public).map(({ path }) => path)
    for (const route of api.routes) {
      expect(route.authorizer, route.path).toBe(open.includes(route.path) ? null : 'cognito')
      expect(route.cors?.origins, route.path).toEqual(['http://127.0.0.1:8600'])
    }
  })

  it('names the functions as the contract does', () => {
    expect(api.functions.map(({ name }) => name)).toEqual([`${RESOURCES.wrapperFunction}-local`])
    const notify = readServerlessApi(yml('notify'), { stage: 'local' })
    expect(notify.functions.map(({ name }) => name)).toEqual([`${RESOURCES.notifyFunction}-local`])
  })
})
