/**
 * Stands in for @aws-sdk/credential-provider-node in Lambda bundles (esbuild `alias`): Lambda hands the role's
 * credentials over in the environment, and the other ten providers are a fifth of the bundle.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env'

export const defaultProvider = () => fromEnv()
