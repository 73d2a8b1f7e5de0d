import { dirname, resolve as resolvePath } from 'node:path'
import { isTree, readYaml } from './serverless-yaml.ts'

/** What variables of a serverless.yml are filled from. */
export interface VariableSources {
  readonly stage: string
  readonly region: string
  readonly accountId: string
  /** `${param:x}`; they win over the `params` of the file. */
  readonly params: Readonly<Record<string, unknown>>
  /** `${env:X}` */
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface VariableResolver {
  /** Fills every variable in a value; `at` is its place in the file, for error messages. */
  readonly resolve: (value: unknown, at: string) => unknown
  /** Only follows a variable to what stands there, whose own variables stay. */
  readonly follow: (value: unknown, at: string) => unknown
  /** The value at `a.b.c` of the file, filled; undefined when there is none. */
  readonly get: (address: string) => unknown
}

/** A variable that has no value here; it is an error only if nothing else is given after its comma. */
class Missing {
  readonly why: string
  constructor(why: string) {
    this.why = why
  }
}

// The innermost variable. CloudFormation's own `${AWS::Region}`, `${Table.Arn}` and `${!Literal}` are none of ours: a
// variable begins with a small letter.
const innermost = /\$\{(?=[a-z])([^${}]+)\}/
// Resolved inner variables stand in the text as marks, so that they keep their type.
const wholeMark = /^\uE000(\d+)\uE001$/
const marks = /\uE000(\d+)\uE001/g

// Commas inside quotes or parentheses do not part sources.
function splitSources(text: string): string[] {
  return (text.match(/(?:'[^']*'|"[^"]*"|\([^)]*\)|[^,])+/g) ?? []).map((source) => source.trim())
}

function readLiteral(source: string): { value: unknown } | undefined {
  const [, , quoted] = /^(['"])(.*)\1$/s.exec(source) ?? []
  if (quoted !== undefined) return { value: quoted }
  if (/^-?\d+(\.\d+)?$/.test(source)) return { value: Number(source) }
  const words: Readonly<Record<string, unknown>> = { true: true, false: false, null: null }
  return source in words ? { value: words[source] } : undefined
}

/** Fills variables of the Serverless language in `document`, read from `file`. */
export function createVariableResolver(
  document: unknown,
  file: string,
  sources: VariableSources,
): VariableResolver {
  const open = new Set<string>()

  function walk(root: unknown, address: string, at: string): unknown {
    let value = root
    for (const key of address === '' ? [] : address.split('.')) {
      value = follow(value, at)
      if (Array.isArray(value)) value = value[Number(key)]
      else if (isTree(value)) value = value[key]
      else return undefined
    }
    return value
  }

  // Without filling what is found: a part may refer to its neighbours.
  function follow(value: unknown, at: string): unknown {
    return typeof value === 'string' ? resolveText(value, at, false) : value
  }

  function readSelf(address: string, isDeep: boolean): unknown {
    if (open.has(address)) throw new Error(`${file}: \${self:${address}} refers to itself.`)
    open.add(address)
    try {
      const found = walk(document, address, address)
      return isDeep ? resolve(found, address) : follow(found, address)
    } finally {
      open.delete(address)
    }
  }

  function readFile(path: string, address: string, at: string, isDeep: boolean): unknown {
    const found = walk(readYaml(resolvePath(dirname(file), path)), address, at)
    return isDeep ? resolve(found, at) : follow(found, at)
  }

  function readParam(name: string): unknown {
    if (name in sources.params) return sources.params[name]
    // A name is a name: `limits.daily` does not look into `limits`, as in the framework.
    for (const stage of [sources.stage, 'default']) {
      const stageParams = walk(document, `params.${stage}`, 'params')
      if (isTree(stageParams) && name in stageParams)
        return resolve(stageParams[name], `params.${stage}.${name}`)
    }
    return undefined
  }

  function readSource(source: string, at: string, isDeep: boolean): unknown {
    const literal = readLiteral(source)
    if (literal) return literal.value
    const [, type, argument, address = ''] = /^(\w+)(?:\(([^)]*)\))?(?::(.*))?$/s.exec(source) ?? []
    const found = ((): unknown => {
      switch (type) {
        case 'self':
          return readSelf(address, isDeep)
        case 'param':
          return readParam(address)
        case 'env':
          return sources.env[address]
        case 'sls':
          return address === 'stage' ? sources.stage : undefined
        case 'opt':
          return { stage: sources.stage, region: sources.region }[address]
        case 'aws':
          return { region: sources.region, accountId: sources.accountId }[address]
        case 'file':
          return readFile(argument, address, at, isDeep)
        case 'strToBool':
          return /^(true|1)$/i.test(argument ?? '')
        default:
          return new Missing(`the source ${type ?? source} is not supported on this machine`)
      }
    })()
    return found ?? new Missing('it has no value')
  }

  function readVariable(text: string, inner: readonly unknown[], at: string, isDeep: boolean): unknown {
    let missing = new Missing('it is empty')
    for (const source of splitSources(text)) {
      const [, mark] = wholeMark.exec(source) ?? []
      const value =
        mark === undefined ? readSource(fillMarks(source, inner, at), at, isDeep) : inner[Number(mark)]
      if (!(value instanceof Missing)) return value
      missing = value
    }
    return new Missing(`\${${text.replace(marks, '…')}}: ${missing.why}`)
  }

  function fillMarks(text: string, inner: readonly unknown[], at: string): string {
    return text.replace(marks, (_, mark: string) => {
      const value = inner[Number(mark)]
      if (value instanceof Missing) throw new Error(`${file}, ${at}: ${value.why}.`)
      if (typeof value === 'object') throw new Error(`${file}, ${at}: a text cannot hold an object.`)
      return String(value)
    })
  }

  function resolveText(text: string, at: string, isDeep: boolean): unknown {
    const inner: unknown[] = []
    let rest = text
    for (let found = innermost.exec(rest); found; found = innermost.exec(rest)) {
      const isWhole = found[0].length === rest.length
      const mark = `\uE000${inner.push(readVariable(found[1], inner, at, isDeep || !isWhole)) - 1}\uE001`
      rest = rest.slice(0, found.index) + mark + rest.slice(found.index + found[0].length)
    }
    const [, whole] = wholeMark.exec(rest) ?? []
    const value = inner[Number(whole)]
    if (whole === undefined || value instanceof Missing) return fillMarks(rest, inner, at)
    return value
  }

  function resolve(value: unknown, at: string): unknown {
    if (typeof value === 'string') return resolveText(value, at, true)
    if (Array.isArray(value)) return value.map((item, index) => resolve(item, `${at}.${index}`))
    if (!isTree(value)) return value
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, resolve(item, `${at}.${key}`)]),
    )
  }

  return { resolve, follow, get: (address) => resolve(walk(document, address, address), address) }
}
