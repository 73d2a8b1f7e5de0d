import { EXIT } from './errors.ts'
import type { Terminal } from './terminal.ts'

/** The terminal of this process. The first Ctrl-C aborts the command, the second ends the process at once. */
export function createTerminal(owner: NodeJS.Process): Terminal {
  const abort = new AbortController()
  owner.on('SIGINT', () => {
    if (abort.signal.aborted) owner.exit(EXIT.interrupted)
    abort.abort(new DOMException('Interrupted.', 'AbortError'))
  })
  // `gen3d … | head` closes the pipe early; that is no failure of ours.
  owner.stdout.on('error', (error: NodeJS.ErrnoException) => {
    owner.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.failure)
  })
  return {
    out: (text) => void owner.stdout.write(`${text}\n`),
    note: (text) => void owner.stderr.write(`${text}\n`),
    draw: owner.stderr.isTTY ? (text) => void owner.stderr.write(text) : null,
    stdin: owner.stdin,
    stderr: owner.stderr,
    env: owner.env,
    // `pnpm gen3d` runs in the root of the repository; the person's paths are relative to where they stand.
    folder: (owner.env.npm_lifecycle_event === 'gen3d' && owner.env.INIT_CWD) || owner.cwd(),
    signal: abort.signal,
  }
}
