import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import type { Parameters } from './parameters.ts'

type Sections = Readonly<Record<string, Parameters>>

/** The parameters of a stage: its section over the defaults, `NAME=VALUE` of the command line over both. */
export function readParameters(file: URL, stage: string, overrides: readonly string[] = []): Parameters {
  const sections = parse(readFileSync(file, 'utf8')) as Sections
  const given = overrides.map((one) => {
    const at = one.indexOf('=')
    return at < 1 ? [one, ''] : [one.slice(0, at), one.slice(at + 1)]
  })
  return { ...sections.default, ...sections[stage], ...Object.fromEntries(given) }
}
