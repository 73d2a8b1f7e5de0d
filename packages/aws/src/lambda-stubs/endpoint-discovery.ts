/** Stands in for @aws-sdk/middleware-endpoint-discovery in Lambda bundles (9 kB): DynamoDB has it switched off by default. */
const unset = () => undefined

export const resolveEndpointDiscoveryConfig = <T>(config: T): T => config
export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = {
  environmentVariableSelector: unset,
  configFileSelector: unset,
  default: false,
}
