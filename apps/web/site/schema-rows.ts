/** A JSON Schema as the lines of a table: one a field, with its type in plain words. Pure. */
export interface Schema {
  readonly type?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[]
  readonly $ref?: string
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly format?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly minItems?: number
  readonly maxItems?: number
}

export interface Row {
  /** `objects[].files[].url`: where the field stands. */
  readonly path: string
  readonly type: string
  readonly required: boolean
  readonly about: string
}

/** Patterns say little to people; the descriptions of ids and hashes do. */
const MAX_PATTERN_LENGTH = 24

const isNull = (schema: Schema) => schema.type === 'null'

/** The alternatives of a schema, unions in unions laid open, and whether null is one of them. */
function alternativesOf(schema: Schema): { readonly list: readonly Schema[]; readonly orNull: boolean } {
  if (!schema.anyOf) return { list: isNull(schema) ? [] : [schema], orNull: isNull(schema) }
  const parts = schema.anyOf.map(alternativesOf)
  return { list: parts.flatMap((part) => part.list), orNull: parts.some((part) => part.orNull) }
}

function nameOf(schema: Schema): string {
  if (schema.$ref) return schema.$ref.split('/').at(-1) ?? ''
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.type === 'array') {
    const item = schema.items ? describeType(schema.items) : 'anything'
    return schema.minItems !== undefined && schema.minItems === schema.maxItems
      ? `${schema.minItems} × ${item}`
      : `list of ${item}`
  }
  if (schema.type === 'object' && !schema.properties && typeof schema.additionalProperties === 'object')
    return `map of ${describeType(schema.additionalProperties)}`
  return schema.format === undefined ? (schema.type ?? 'anything') : `${schema.type} (${schema.format})`
}

/** The type in one line, for example `list of object` or `number or null`. */
export function describeType(schema: Schema): string {
  const { list, orNull } = alternativesOf(schema)
  const names = [...new Set(list.map(nameOf))]
  return [...names, ...(orNull ? ['null'] : [])].join(' or ')
}

function range(low: number | undefined, high: number | undefined, what: string): string {
  if (low === undefined && high === undefined) return ''
  if (low === undefined) return `at most ${high}${what}`
  return high === undefined ? `at least ${low}${what}` : `${low} to ${high}${what}`
}

/** What else has to hold: limits, and what the contract says about it. */
function aboutOf(schema: Schema): string {
  const facts = alternativesOf(schema).list.flatMap((each) => [
    each.description ?? '',
    range(each.minimum, each.maximum, ''),
    range(each.minLength, each.maxLength, ' characters'),
    each.minItems === each.maxItems ? '' : range(each.minItems, each.maxItems, ' entries'),
    each.pattern && !each.description && each.pattern.length <= MAX_PATTERN_LENGTH
      ? `as ${each.pattern}`
      : '',
  ])
  return [...new Set([schema.description ?? '', ...facts])].filter((fact) => fact !== '').join('; ')
}

function fieldsOf(schema: Schema, prefix: string): Row[] {
  return alternativesOf(schema).list.flatMap((each) => {
    if (each.type === 'array' && each.items) return fieldsOf(each.items, `${prefix}[]`)
    return Object.entries(each.properties ?? {}).flatMap(([name, field]) => {
      const path = prefix === '' ? name : `${prefix}.${name}`
      const required = each.required?.includes(name) ?? false
      return [{ path, type: describeType(field), required, about: aboutOf(field) }, ...fieldsOf(field, path)]
    })
  })
}

/** Every field of an object, those inside it after it. */
export function toRows(schema: Schema): Row[] {
  return fieldsOf(schema, '')
}
