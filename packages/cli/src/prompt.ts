import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { CliError, EXIT } from './errors.ts'
import type { Terminal } from './terminal.ts'

/** Asks a person at the terminal; `hidden` shows nothing of what is typed. `instead` says what helps where nobody sits. */
export async function ask(
  terminal: Terminal,
  question: string,
  options: { readonly hidden?: true; readonly instead: string },
): Promise<string> {
  if (!terminal.stdin.isTTY) throw new CliError(options.instead, EXIT.usage)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: terminal.stdin,
    output: options.hidden ? nowhere : terminal.stderr,
    terminal: true,
  })
  // Asked only now: before the line above the terminal would show what is typed.
  terminal.stderr.write(question)
  try {
    return await new Promise<string>((resolve, reject) => {
      // The terminal is in raw mode now: Ctrl-C comes as a key, not as a signal.
      lines.once('SIGINT', () => process.emit('SIGINT'))
      lines.once('close', () => reject(terminal.signal.reason ?? new CliError('Nothing was entered.')))
      terminal.signal.addEventListener('abort', () => reject(terminal.signal.reason), { once: true })
      lines.once('line', resolve)
    })
  } finally {
    lines.close()
    if (options.hidden) terminal.stderr.write('\n')
  }
}

/** Every line of the standard input, for passwords that a script hands over. */
export async function readLines(terminal: Terminal): Promise<string[]> {
  const chunks: Buffer[] = []
  for await (const chunk of terminal.stdin) chunks.push(Buffer.from(chunk))
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
}
