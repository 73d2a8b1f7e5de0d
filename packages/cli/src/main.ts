import { COMMANDS } from './commands.ts'
import { createTerminal } from './node-terminal.ts'
import { runCommand } from './run-command.ts'

/** Runs `gen3d` with these arguments and sets the process's exit code. */
export async function main(args: readonly string[]): Promise<void> {
  process.exitCode = await runCommand(COMMANDS, args, createTerminal(process))
  // A prompt leaves the input open, which alone would keep the process alive.
  process.stdin.unref?.()
}
