import { accessDenied, S3Error } from './s3-error.ts'

/** The sizes that a policy lets through. */
export interface UploadRange {
  readonly minBytes: number
  readonly maxBytes: number
}

/** What the policy is held against besides the form. */
export interface PolicyContext {
  readonly bucket: string
  /** With `${filename}` replaced. */
  readonly key: string
  /** Epoch milliseconds. */
  readonly now: number
}

type Condition =
  | {
      readonly kind: 'eq' | 'starts-with'
      readonly field: string
      readonly value: string
      readonly raw: unknown
    }
  | { readonly kind: 'range'; readonly range: UploadRange }

/** Fields that need no condition. `bucket` may be in the form although the URL names it. */
const FREE_FIELDS = new Set(['policy', 'x-amz-signature', 'file', 'bucket'])

/**
 * Holds a form (field names in lower case) against its policy: expiry, every condition, and no field without one.
 * Gives the size range for the file that follows; throws `AccessDenied` or `InvalidPolicyDocument`.
 */
export function checkPolicy(
  fields: ReadonlyMap<string, string>,
  context: PolicyContext,
): UploadRange | undefined {
  const { expiration, conditions } = readPolicy(fields.get('policy') ?? '')
  if (context.now > expiration) throw accessDenied('Invalid according to Policy: Policy expired.')
  let range: UploadRange | undefined
  const covered = new Set<string>()
  for (const condition of conditions) {
    if (condition.kind === 'range') {
      range = condition.range
      continue
    }
    covered.add(condition.field)
    if (!holds(condition, formValue(condition.field, fields, context))) {
      throw accessDenied(
        `Invalid according to Policy: Policy Condition failed: ${JSON.stringify(condition.raw)}`,
      )
    }
  }
  const extra = [...fields.keys()].filter(
    (name) => !covered.has(name) && !FREE_FIELDS.has(name) && !name.startsWith('x-ignore-'),
  )
  if (extra.length > 0) {
    throw accessDenied(`Invalid according to Policy: Extra input fields: ${extra.join(', ')}`)
  }
  // A policy that names no bucket would be good for every bucket of the signer: S3 asks for the condition.
  if (!covered.has('bucket'))
    throw accessDenied('Invalid according to Policy: Policy has no condition on bucket.')
  return range
}

function formValue(field: string, fields: ReadonlyMap<string, string>, context: PolicyContext): string {
  if (field === 'bucket') return context.bucket
  if (field === 'key') return context.key
  return fields.get(field) ?? ''
}

function holds(condition: Exclude<Condition, { kind: 'range' }>, value: string): boolean {
  if (condition.kind === 'eq') return value === condition.value
  // A list of content types is held type by type.
  const values = condition.field === 'content-type' ? value.split(',') : [value]
  return values.every((each) => each.startsWith(condition.value))
}

function readPolicy(base64: string): {
  readonly expiration: number
  readonly conditions: readonly Condition[]
} {
  let document: unknown
  try {
    document = JSON.parse(Buffer.from(base64, 'base64').toString('utf8'))
  } catch {
    throw badPolicy('Invalid JSON.')
  }
  const { expiration, conditions } = (document ?? {}) as { expiration?: unknown; conditions?: unknown }
  const end = typeof expiration === 'string' ? Date.parse(expiration) : Number.NaN
  if (Number.isNaN(end)) throw badPolicy('Policy missing expiration.')
  if (!Array.isArray(conditions)) throw badPolicy('Policy missing conditions.')
  return { expiration: end, conditions: conditions.flatMap(readCondition) }
}

function readCondition(raw: unknown): Condition[] {
  if (Array.isArray(raw)) {
    const [operator, first, second] = raw as unknown[]
    const kind = typeof operator === 'string' ? operator.toLowerCase() : undefined
    if (kind === 'content-length-range') {
      const [minBytes, maxBytes] = [Number(first), Number(second)]
      if (raw.length === 3 && minBytes >= 0 && maxBytes >= minBytes)
        return [{ kind: 'range', range: { minBytes, maxBytes } }]
    } else if (
      (kind === 'eq' || kind === 'starts-with') &&
      raw.length === 3 &&
      typeof first === 'string' &&
      first.startsWith('$') &&
      typeof second === 'string'
    ) {
      return [{ kind, field: first.slice(1).toLowerCase(), value: second, raw }]
    }
  } else if (typeof raw === 'object' && raw !== null) {
    const pairs = Object.entries(raw)
    if (pairs.length > 0 && pairs.every(([, value]) => typeof value === 'string')) {
      return pairs.map(([name, value]) => ({
        kind: 'eq',
        field: name.toLowerCase(),
        value,
        raw: ['eq', `$${name}`, value],
      }))
    }
  }
  throw badPolicy(`Invalid condition: ${JSON.stringify(raw)}`)
}

function badPolicy(message: string): S3Error {
  return new S3Error('InvalidPolicyDocument', 400, `Invalid Policy: ${message}`)
}
