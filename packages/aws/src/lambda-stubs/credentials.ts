/**
 * Stands in for @aws-sdk/credential-provider-node in Lambda bundles (deploy/esbuild.yml): Lambda hands the role's
 * credentials over in the environment, and the other ten providers are a fifth of the bundle.
 */
import { fromEnv } from '@aws-sdk/credential-provider-env'

export const defaultProvider = () => fromEnv()
