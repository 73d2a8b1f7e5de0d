/**
 * Stands in for @aws-sdk/signature-v4-multi-region in Lambda bundles (4 kB): only multi-region access points take SigV4a,
 * and only directory buckets take a session's credentials. Ours is neither.
 */
import { SignatureV4 } from '@smithy/signature-v4'

export class SignatureV4MultiRegion extends SignatureV4 {
  static sigv4aDependency(): 'none' {
    return 'none'
  }
}
export { SignatureV4 as SignatureV4SignWithCredentials }
