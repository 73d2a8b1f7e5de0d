import { parseArgs } from 'node:util'
import { usageError } from './errors.ts'

/** One option of a command. */
interface Option {
  /** What stands for the value in the help; absent: a switch. */
  readonly value?: string
  readonly short?: string
  /** May be given several times. */
  readonly multiple?: true
  readonly help: string
}

export type Options = Readonly<Record<string, Option>>

/** What was given, in the order in which it was given. */
export interface Given {
  readonly name: string
  readonly value: string
}

export interface Arguments {
  readonly positionals: readonly string[]
  readonly given: readonly Given[]
  /** The value of an option that is given once, or undefined. */
  get(name: string): string | undefined
  getAll(name: string): readonly string[]
  has(name: string): boolean
}

/**
 * Reads a command's arguments; throws a usage error that names the argument at fault. A value may start with a minus
 * and a digit (`--click -120,80`), which `parseArgs` alone would take for another option.
 */
export function parseArguments(args: readonly string[], options: Options): Arguments {
  const byShort = new Map(Object.entries(options).map(([name, { short }]) => [short, name]))
  const { tokens, positionals } = parseArgs({
    args: joinNegativeValues(args, options, byShort),
    options: Object.fromEntries(
      Object.entries(options).map(([name, { value, short }]) => [
        name,
        { type: value ? ('string' as const) : ('boolean' as const), ...(short && { short }) },
      ]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const given: Given[] = []
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    if (!option) throw usageError(`There is no option ${token.rawName}.${nearest(token.name, options)}`)
    if (option.value && !token.value) throw usageError(`${token.rawName} needs a value: ${option.value}.`)
    if (!option.value && token.value !== undefined) throw usageError(`${token.rawName} takes no value.`)
    if (!option.multiple && given.some(({ name }) => name === token.name)) {
      throw usageError(`${token.rawName} is given twice; give it once.`)
    }
    given.push({ name: token.name, value: token.value ?? '' })
  }
  return {
    positionals,
    given,
    get: (wanted) => given.find(({ name }) => name === wanted)?.value,
    getAll: (wanted) => given.filter(({ name }) => name === wanted).map(({ value }) => value),
    has: (wanted) => given.some(({ name }) => name === wanted),
  }
}

function joinNegativeValues(
  args: readonly string[],
  options: Options,
  byShort: ReadonlyMap<string | undefined, string>,
): string[] {
  const joined: string[] = []
  for (let i = 0; i < args.length; i++) {
    if (args[i] === '--') return [...joined, ...args.slice(i)]
    const name = args[i].startsWith('--') ? args[i].slice(2) : byShort.get(args[i].slice(1))
    const takesValue = name !== undefined && Object.hasOwn(options, name) && options[name].value
    if (takesValue && i + 1 < args.length && /^-\d/.test(args[i + 1])) {
      joined.push(`--${name}=${args[++i]}`)
    } else joined.push(args[i])
  }
  return joined
}

function nearest(name: string, options: Options): string {
  const like = Object.keys(options).find(
    (known) => known.startsWith(name.slice(0, 3)) || name.startsWith(known),
  )
  return like ? ` Did you mean --${like}?` : ''
}

/** A whole number of an option, or undefined when it is not given; throws a usage error outside the range. */
export function integerOption(
  args: Arguments,
  name: string,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  const text = args.get(name)
  if (text === undefined) return undefined
  const value = Number(text)
  if (!/^-?\d+$/.test(text) || value < range.min || value > range.max) {
    throw usageError(`--${name} takes a whole number from ${range.min} to ${range.max}, not "${text}".`)
  }
  return value
}

/** The one positional argument of a command; throws a usage error when it is missing or followed by others. */
export function onePositional(args: Arguments, what: string): string {
  const [first, second] = args.positionals
  if (first === undefined) throw usageError(`${what} is missing.`)
  if (second !== undefined) throw usageError(`One ${what} is taken at a time; "${second}" is one too many.`)
  return first
}

/** Throws a usage error when there are positional arguments. */
export function noPositionals(args: Arguments): void {
  if (args.positionals.length > 0) throw usageError(`"${args.positionals[0]}" is not expected here.`)
}
