import type { SigningKey } from '../sigv4.ts'

/** The IAM actions that this server asks about. */
export type S3Action =
  | 's3:GetObject'
  | 's3:PutObject'
  | 's3:DeleteObject'
  | 's3:AbortMultipartUpload'
  | 's3:ListBucket'
  | 's3:CreateBucket'

/** A key pair with its rights. */
export interface S3Credential extends SigningKey {
  /**
   * Says what the key pair may do; left out, everything. `key` is the object's key; for `s3:ListBucket` it is the
   * `prefix` that a listing asks for, and undefined where there is none: HeadBucket, and the question whether a
   * missing key may be told from a forbidden one. IAM has no `s3:prefix` to compare there either.
   */
  readonly allow?: (action: S3Action, key: string | undefined) => boolean
}

/** Who asks, and what they may do. */
export interface Principal {
  readonly anonymous: boolean
  allows(action: S3Action, key: string | undefined): boolean
}

// The seed's public website: what lies under public/, and the object at the root that redirects to it.
const PUBLIC_PREFIX = 'public/'
const ROOT_REDIRECT_KEY = 'index.html'

/** Anybody: reads the website, nothing else. */
export const ANYBODY: Principal = {
  anonymous: true,
  allows: (action, key = '') =>
    action === 's3:GetObject' && (key.startsWith(PUBLIC_PREFIX) || key === ROOT_REDIRECT_KEY),
}

/** The principal behind a key pair. */
export function principalOf(credential: S3Credential): Principal {
  return { anonymous: false, allows: (action, key) => credential.allow?.(action, key) ?? true }
}
