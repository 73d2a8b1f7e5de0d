import { describe, expect, it } from 'vitest'
import { cognitoEndpoint, readSiteConfig } from './site-config.ts'

const config = {
  api_url: 'https://abc.execute-api.us-east-1.amazonaws.com/prod',
  region: 'us-east-1',
  user_pool_id: 'us-east-1_x',
  app_client_id: 'client',
  storage_origins: ['https://bucket.s3.us-east-1.amazonaws.com'],
}

describe('the site configuration', () => {
  it('takes what the deploy hook writes', () => {
    expect(readSiteConfig(config)).toBe(config)
  })

  it.each([
    [null, 'not a JSON object'],
    [{ ...config, app_client_id: '' }, 'app_client_id'],
    [{ ...config, api_url: 'ftp://x' }, 'api_url'],
    [{ ...config, api_url: 'https://x/prod/' }, 'api_url'],
    [{ ...config, cognito_endpoint: "https://x'; script-src *" }, 'cognito_endpoint'],
    [{ ...config, storage_origins: [] }, 'storage_origins'],
    [{ ...config, sign_up: 'all' }, 'sign_up'],
  ])('names the field at fault: %j', (value, field) => {
    expect(() => readSiteConfig(value)).toThrow(field)
  })

  it('knows where to sign in without being told', () => {
    expect(cognitoEndpoint({ region: 'eu-west-1' })).toBe('https://cognito-idp.eu-west-1.amazonaws.com')
    expect(cognitoEndpoint({ region: 'x', cognito_endpoint: 'http://127.0.0.1:9' })).toBe(
      'http://127.0.0.1:9',
    )
  })
})
