import { AuthError } from '@gen3d/client/auth'
import { ApiError } from '@gen3d/client/errors'
import { type Options, parseArguments } from './arguments.ts'
import { COMMON_OPTIONS, type Command } from './command.ts'
import { CliError, EXIT, type ExitCode } from './errors.ts'
import { helpOf, overview } from './help.ts'
import type { Terminal } from './terminal.ts'

/** How a command is loaded: only when it is called, since most need neither the engine nor the contract's schemas. */
export type Commands = Readonly<Record<string, () => Promise<Command>>>

/** Runs one call of `gen3d` and resolves with its exit code; errors are told on the error stream. */
export async function runCommand(
  commands: Commands,
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  const json = args.includes('--json')
  const quiet: Terminal = json ? { ...terminal, draw: null, note: () => undefined } : terminal
  try {
    return await dispatch(commands, args, quiet)
  } catch (error) {
    const { exit, message, code } = describe(error, terminal.signal)
    terminal.note(json ? JSON.stringify({ error: { code, message } }) : `gen3d: ${message}`)
    return exit
  }
}

async function dispatch(commands: Commands, args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const [first, ...rest] = args
  if (
    first === undefined ||
    first === '--help' ||
    first === '-h' ||
    (first === 'help' && rest.length === 0)
  ) {
    const loaded = await Promise.all(
      Object.entries(commands).map(async ([name, load]) => [name, await load()] as const),
    )
    terminal.out(overview(Object.fromEntries(loaded)))
    return first === undefined ? EXIT.usage : EXIT.ok
  }
  const name = first === 'help' ? rest[0] : first
  if (!Object.hasOwn(commands, name)) {
    throw new CliError(`There is no command "${name}". See gen3d --help.`, EXIT.usage)
  }
  const command = await commands[name]()
  if (first === 'help' || wantsHelp(rest)) {
    terminal.out(helpOf(command))
    return EXIT.ok
  }
  try {
    const options: Options = { ...command.options, ...COMMON_OPTIONS }
    return await command.run(parseArguments(rest, options), terminal)
  } catch (error) {
    if (error instanceof CliError && error.exit === EXIT.usage) {
      throw new CliError(`${error.message} See gen3d ${name} --help.`, EXIT.usage, { cause: error })
    }
    throw error
  }
}

function wantsHelp(args: readonly string[]): boolean {
  const end = args.indexOf('--')
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === '--help' || arg === '-h')
}

function describe(error: unknown, signal: AbortSignal): { exit: ExitCode; message: string; code: string } {
  if (signal.aborted)
    return { exit: EXIT.interrupted, code: 'interrupted', message: messageOf(signal.reason) }
  if (error instanceof CliError) return { exit: error.exit, code: CODES[error.exit], message: error.message }
  if (error instanceof ApiError) {
    const message = [
      error.message,
      error.retryAt && `It may be tried again at ${error.retryAt.toISOString()}.`,
      error.status >= 500 && error.requestId && `Request ${error.requestId}.`,
    ]
    return {
      exit: error.status === 401 ? EXIT.notSignedIn : EXIT.failure,
      code: error.code,
      message: message.filter(Boolean).join(' '),
    }
  }
  if (error instanceof AuthError) return { exit: EXIT.notSignedIn, code: error.code, message: error.message }
  return { exit: EXIT.failure, code: codeOf(error), message: messageOf(error) }
}

const CODES: Record<ExitCode, string> = {
  [EXIT.ok]: 'ok',
  [EXIT.failure]: 'failure',
  [EXIT.usage]: 'usage',
  [EXIT.notSignedIn]: 'not_signed_in',
  [EXIT.jobFailed]: 'job_failed',
  [EXIT.interrupted]: 'interrupted',
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : 'failure'
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message ? error.message : String(error)
}
