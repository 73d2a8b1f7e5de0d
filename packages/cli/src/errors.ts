/** What `gen3d` ends with; scripts may rely on these. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  notSignedIn: 3,
  jobFailed: 4,
  /** 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** A failure with one sentence for the person, which says what to do, and the exit code. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exit: ExitCode

  constructor(message: string, exit: ExitCode = EXIT.failure, options?: { cause?: unknown }) {
    super(message, options)
    this.exit = exit
  }
}

/** A wrong call: exit code 2. */
export function usageError(message: string): CliError {
  return new CliError(message, EXIT.usage)
}
