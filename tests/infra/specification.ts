/** Holds templates against AWS's own resource specification (@aws-cdk/aws-service-spec). */
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec'
import type { Template } from './templates.ts'

interface TypeRef {
  readonly type: string
  readonly element?: TypeRef
  readonly types?: readonly TypeRef[]
  readonly reference?: { readonly $ref: string }
  readonly allowedValues?: readonly string[]
}
interface Property {
  readonly type: TypeRef
  readonly previousTypes?: readonly TypeRef[]
  readonly required?: boolean
  readonly causesReplacement?: 'yes' | 'no' | 'maybe'
}
interface Shape {
  readonly properties: Readonly<Record<string, Property>>
}
interface ResourceShape extends Shape {
  readonly attributes: Readonly<Record<string, unknown>>
}
interface Database {
  lookup(
    entity: 'resource',
    index: 'cloudFormationType',
    op: 'equals',
    value: string,
  ): { only(): ResourceShape; length: number }
  get(entity: 'typeDefinition', id: string): Shape
}

let database: Database | undefined

function resourceShape(type: string): ResourceShape | null {
  // Its own types name half the CDK; the shapes above are what is used of it.
  database ??= loadAwsServiceSpecSync() as unknown as Database
  const found = database.lookup('resource', 'cloudFormationType', 'equals', type)
  return found.length === 1 ? found.only() : null
}

const INTRINSIC = /^(Ref|Condition|Fn::.+)$/

/** One line for each unknown type or property, missing required one, wrong kind of value, and reference to nothing. */
export function findFaults(template: Template): string[] {
  const faults: string[] = []
  const { Resources, Parameters = {} } = template

  function checkReference(at: string, value: Readonly<Record<string, unknown>>): void {
    const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] }
    if (Ref && !Ref.startsWith('AWS::') && !(Ref in Resources) && !(Ref in Parameters))
      faults.push(`${at}: Ref to ${Ref}, which does not stand here`)
    if (!attribute) return
    const target = Resources[attribute[0]]
    if (!target) faults.push(`${at}: GetAtt of ${attribute[0]}, which does not stand here`)
    else if (!(attribute[1] in (resourceShape(target.Type)?.attributes ?? {})))
      faults.push(`${at}: ${target.Type} has no attribute ${attribute[1]}`)
  }

  function check(at: string, value: unknown, type: TypeRef): void {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const [key] = Object.keys(value)
      if (key && Object.keys(value).length === 1 && INTRINSIC.test(key)) {
        if (key === 'Fn::If') {
          const [, yes, no] = (value as { 'Fn::If': unknown[] })['Fn::If']
          check(`${at}(yes)`, yes, type)
          check(`${at}(no)`, no, type)
        } else checkReference(at, value as Record<string, unknown>)
        return
      }
    }
    const wrong = (wanted: string) => faults.push(`${at} must be ${wanted}, not ${JSON.stringify(value)}`)
    switch (type.type) {
      case 'string':
        if (typeof value === 'object') wrong('a text')
        else if (type.allowedValues && !type.allowedValues.includes(String(value)))
          wrong(`one of ${type.allowedValues.join(', ')}`)
        return
      case 'integer':
      case 'number':
        if (value === '' || !Number.isFinite(Number(value)) || typeof value === 'boolean') wrong('a number')
        return
      case 'boolean':
        if (![true, false, 'true', 'false'].includes(value as boolean)) wrong('true or false')
        return
      case 'array':
        if (!Array.isArray(value)) wrong('a list')
        else for (const [i, one] of value.entries()) check(`${at}.${i}`, one, type.element as TypeRef)
        return
      case 'ref':
        if (typeof value !== 'object' || Array.isArray(value)) wrong('a structure')
        else
          checkShape(
            at,
            value as Record<string, unknown>,
            database?.get('typeDefinition', type.reference?.$ref as string) as Shape,
          )
        return
      case 'map':
        if (typeof value !== 'object' || Array.isArray(value)) wrong('a map')
        else
          for (const [key, one] of Object.entries(value as object))
            check(`${at}.${key}`, one, type.element as TypeRef)
        return
      default:
        // json, union, tag: anything that CloudFormation takes there.
        return
    }
  }

  function checkShape(at: string, value: Readonly<Record<string, unknown>>, shape: Shape): void {
    for (const [name, one] of Object.entries(value)) {
      const property = shape.properties[name]
      if (!property) faults.push(`${at} has no property ${name}`)
      // A type that changed over time is known by more than one shape.
      else if (!property.previousTypes?.length) check(`${at}.${name}`, one, property.type)
    }
    for (const [name, { required }] of Object.entries(shape.properties))
      if (required && !(name in value)) faults.push(`${at} lacks ${name}`)
  }

  for (const [id, { Type, Properties = {} }] of Object.entries(Resources)) {
    const shape = resourceShape(Type)
    if (!shape) faults.push(`${id}: there is no type ${Type}`)
    else checkShape(id, Properties, shape)
  }
  return faults
}

/** The properties of a resource whose change makes a new one, with their values. */
export function replacingProperties(
  type: string,
  properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const shape = resourceShape(type)
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) =>
      ['yes', 'maybe'].includes(shape?.properties[name]?.causesReplacement ?? 'no'),
    ),
  )
}
