import { describe, expect, test } from 'vitest'
import { get, origin } from './api-fixture.ts'

describe('OPTIONS', () => {
  const preflight = (path: string, from: string) =>
    get(path, { method: 'OPTIONS', headers: { Origin: from } })

  test('answers as the cors of all methods of the resource says, without a token', async () => {
    const response = await preflight('/status/1', origin)
    expect(response.status).toBe(200)
    expect(response.headers.get('access-control-allow-origin')).toBe(origin)
    expect(response.headers.get('access-control-allow-headers')).toBe('Content-Type,Authorization')
    expect(response.headers.get('access-control-allow-methods')?.split(',').sort()).toEqual([
      'DELETE',
      'GET',
      'OPTIONS',
    ])
    expect(response.headers.get('access-control-max-age')).toBe('600')
  })

  test('mirrors an origin that fits a pattern, and names the first for strangers', async () => {
    const known = await preflight('/status/1', 'https://app.example.com')
    expect(known.headers.get('access-control-allow-origin')).toBe('https://app.example.com')
    const strange = await preflight('/status/1', 'https://evil.example')
    expect(strange.headers.get('access-control-allow-origin')).toBe(origin)
  })

  test('is no method of a resource without cors', async () => {
    expect((await preflight('/echo', origin)).status).toBe(403)
  })
})
