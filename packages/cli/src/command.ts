import type { Arguments, Options } from './arguments.ts'
import type { ExitCode } from './errors.ts'
import type { Terminal } from './terminal.ts'

/** One verb of `gen3d`. */
export interface Command {
  /** A sentence for the list of commands. */
  readonly summary: string
  readonly usage: string
  readonly options: Options
  readonly examples: readonly string[]
  /** Throws CliError; whatever else it throws is told by its message, with exit code 1. */
  run(args: Arguments, terminal: Terminal): Promise<ExitCode>
}

/** Options of every command. */
export const COMMON_OPTIONS = {
  json: { help: 'Prints one JSON document (an error as JSON on the error stream).' },
  help: { short: 'h', help: 'Shows this.' },
} as const satisfies Options
