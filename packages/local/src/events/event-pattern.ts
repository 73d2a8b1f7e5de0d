/** A JSON value that a pattern may name, or a matcher (`{ prefix: 'users/' }`). */
type PatternValue = string | number | boolean | null | { readonly [matcher: string]: unknown }

/** An EventBridge event pattern: each field names a nested pattern, or a list of which one entry must match. */
export interface EventPattern {
  readonly [field: string]: EventPattern | readonly PatternValue[]
}

type Test = (value: unknown) => boolean

/**
 * Makes a test of an EventBridge event pattern with EventBridge's meaning: every field must match, one of the listed
 * values is enough, an array in the event matches when one of its elements does. Knows literals, `prefix`, `suffix`,
 * `wildcard`, `equals-ignore-case`, `anything-but`, `exists`, `numeric`; throws for any other matcher.
 */
export function compilePattern(pattern: EventPattern): Test {
  const fields = Object.entries(pattern).map(([name, expected]) => {
    if (name.startsWith('$')) throw unknown(name)
    const test: Test = Array.isArray(expected)
      ? anyOf(expected as readonly PatternValue[])
      : compilePattern(expected as EventPattern)
    return { name, test }
  })
  return (value) => {
    const record = isRecord(value) ? value : {}
    return fields.every(({ name, test }) => test(record[name]))
  }
}

function anyOf(values: readonly PatternValue[]): Test {
  const absent = values.some((value) => isRecord(value) && value.exists === false)
  const tests = values.map(compileValue)
  return (value) => {
    if (value === undefined) return absent
    const candidates: readonly unknown[] = Array.isArray(value) ? value : [value]
    return candidates.some((candidate) => tests.some((test) => test(candidate)))
  }
}

function compileValue(expected: PatternValue): Test {
  if (!isRecord(expected)) return (value) => value === expected
  const [[name, argument], ...rest] = Object.entries(expected)
  if (rest.length > 0) throw unknown(JSON.stringify(expected))
  if (name === 'exists' && typeof argument === 'boolean') return () => argument
  if (name === 'numeric' && Array.isArray(argument)) return numeric(argument)
  if (name === 'anything-but') return anythingBut(argument)
  return onText(name, argument)
}

function onText(name: string, argument: unknown): Test {
  if (isRecord(argument) && typeof argument['equals-ignore-case'] === 'string') {
    const lower = onText(name, argument['equals-ignore-case'].toLowerCase())
    return (value) => typeof value === 'string' && lower(value.toLowerCase())
  }
  if (typeof argument !== 'string') throw unknown(JSON.stringify({ [name]: argument }))
  const texts: Record<string, (text: string) => boolean> = {
    prefix: (text) => text.startsWith(argument),
    suffix: (text) => text.endsWith(argument),
    'equals-ignore-case': (text) => text.toLowerCase() === argument.toLowerCase(),
    wildcard: wildcard(argument),
  }
  const test = texts[name]
  if (!test) throw unknown(name)
  return (value) => typeof value === 'string' && test(value)
}

function anythingBut(argument: unknown): Test {
  if (!isRecord(argument)) {
    const refused = Array.isArray(argument) ? argument : [argument]
    return (value) => !refused.includes(value)
  }
  const [[name, texts]] = Object.entries(argument)
  const tests = (Array.isArray(texts) ? texts : [texts]).map((text) => onText(name, text))
  return (value) => !tests.some((test) => test(value))
}

function numeric(argument: readonly unknown[]): Test {
  const tests: ((value: number) => boolean)[] = []
  for (let index = 0; index < argument.length; index += 2) {
    const [operator, bound] = [argument[index], argument[index + 1]]
    if (typeof bound !== 'number') throw unknown(`numeric ${JSON.stringify(argument)}`)
    if (operator === '=') tests.push((value) => value === bound)
    else if (operator === '<') tests.push((value) => value < bound)
    else if (operator === '<=') tests.push((value) => value <= bound)
    else if (operator === '>') tests.push((value) => value > bound)
    else if (operator === '>=') tests.push((value) => value >= bound)
    else throw unknown(`numeric ${JSON.stringify(argument)}`)
  }
  return (value) => typeof value === 'number' && tests.every((test) => test(value))
}

// `*` stands for any text; `\*` and `\\` for themselves.
function wildcard(pattern: string): (text: string) => boolean {
  const parts = pattern.match(/\\[*\\]|\*+|[^*\\]+|\\/g) ?? []
  const source = parts.map((part) =>
    part.startsWith('*') ? '.*' : escapeRegExp(part.replace(/^\\([*\\])$/, '$1')),
  )
  const expression = new RegExp(`^${source.join('')}$`, 's')
  return (text) => expression.test(text)
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unknown(what: string): Error {
  return new Error(`The local event bus does not know the matcher ${what}; add it to event-pattern.ts.`)
}
