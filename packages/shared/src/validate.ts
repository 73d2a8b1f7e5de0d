/** Checks a value against a schema of the contract and names the field at fault. */
import type { Static, TSchema } from 'typebox'
import { Check, Errors } from 'typebox/schema'
import { Gen3dError } from './errors.ts'

/** Where a value breaks its schema first: the field as a dotted path, and what is wrong with it. */
export interface Fault {
  readonly field: string
  readonly message: string
}

function toField(instancePath: string): string {
  return instancePath.replace(/^\//, '').replaceAll('/', '.')
}

/** The first fault of a value, or null when it fits. */
export function findFault(schema: TSchema, value: unknown): Fault | null {
  if (Check(schema, value)) return null
  const [, errors] = Errors(schema, value)
  // A missing or unknown property is reported on its parent: name the property itself.
  for (const error of errors) {
    const params = error.params as {
      requiredProperties?: string[]
      additionalProperties?: string[]
    }
    const name = params.requiredProperties?.[0] ?? params.additionalProperties?.[0]
    if (name !== undefined) {
      const parent = toField(error.instancePath)
      const verb = params.requiredProperties ? 'is missing' : 'is not a field of this request'
      return { field: parent ? `${parent}.${name}` : name, message: verb }
    }
  }
  const first = errors[0]
  return {
    field: first ? toField(first.instancePath) : '',
    message: first?.message ?? 'does not fit',
  }
}

/** Returns the value typed by the schema; throws Gen3dError `invalid_request` with the field otherwise. */
export function checkRequest<T extends TSchema>(schema: T, value: unknown): Static<T> {
  const fault = findFault(schema, value)
  if (fault) {
    const field = fault.field || 'body'
    throw new Gen3dError('invalid_request', `${field} ${fault.message}.`, {
      field,
    })
  }
  return value as Static<T>
}
