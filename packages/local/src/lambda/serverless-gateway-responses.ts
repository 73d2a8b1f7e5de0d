import type { GatewayResponse, GatewayResponses } from './gateway-response.ts'
import { isTree, toParts } from './serverless-yaml.ts'

/** Fills the variables of a value and works out what is plain in it; `at` is its place, for errors. */
export type Fill = (value: unknown, at: string) => unknown

/** Reads the `AWS::ApiGateway::GatewayResponse` resources, and nothing else of a template. */
export function readGatewayResponses(fill: Fill, resources: unknown): GatewayResponses {
  const all: Record<string, GatewayResponse> = {}
  for (const part of toParts(resources)) {
    for (const [name, raw] of Object.entries(isTree(part.Resources) ? part.Resources : {})) {
      if (!isTree(raw) || raw.Type !== 'AWS::ApiGateway::GatewayResponse') continue
      const { ResponseType, ResponseParameters, ResponseTemplates, StatusCode } = fill(
        isTree(raw.Properties) ? { ...raw.Properties, RestApiId: null } : {},
        `resources.${name}`,
      ) as Record<string, unknown>
      const headers: Record<string, string> = {}
      for (const [target, value] of Object.entries(isTree(ResponseParameters) ? ResponseParameters : {})) {
        const [, header] = /^gatewayresponse\.header\.(.+)$/.exec(target) ?? []
        const [, text] = /^'(.*)'$/.exec(String(fill(value, `resources.${name}`))) ?? []
        if (!header || text === undefined) {
          throw new Error(`resources.${name}: ${target} must be a header with a quoted text on this machine.`)
        }
        headers[header] = text
      }
      const template = isTree(ResponseTemplates) ? ResponseTemplates['application/json'] : undefined
      all[String(ResponseType)] = {
        headers,
        ...(StatusCode ? { statusCode: Number(StatusCode) } : {}),
        ...(template === undefined ? {} : { template: String(template) }),
      }
    }
  }
  return all
}
