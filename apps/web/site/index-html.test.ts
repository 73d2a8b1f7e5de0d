import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fillIndexHtml } from './index-html.ts'

const page = readFileSync(new URL('../index.html', import.meta.url), 'utf8')
const config = {
  api_url: 'http://127.0.0.1:4001/local',
  region: 'us-east-1',
  user_pool_id: 'p',
  app_client_id: 'c',
  cognito_endpoint: 'http://127.0.0.1:4002',
  storage_origins: ['http://127.0.0.1:4003', 'https://b.s3.us-east-1.amazonaws.com'],
}

describe('the filled page', () => {
  it('names exactly the hosts of its deployment', () => {
    const filled = fillIndexHtml(page, config)
    expect(filled).toContain(
      "connect-src 'self' blob: http://127.0.0.1:4001 http://127.0.0.1:4002 http://127.0.0.1:4003 https://b.s3.us-east-1.amazonaws.com;",
    )
    expect(filled).not.toMatch(/__[A-Z_]+__/)
  })

  it('allows neither inline code and styles nor eval', () => {
    const filled = fillIndexHtml(page, config)
    expect(filled).not.toContain('unsafe-inline')
    expect(filled.replace("'wasm-unsafe-eval'", '')).not.toContain('unsafe-eval')
  })

  it('refuses a page that was not built from this index', () => {
    expect(() => fillIndexHtml('<html></html>', config)).toThrow('__API__')
  })
})
