// The stack's log: every part's lines in one file, so that the terminal stays readable.
import { createWriteStream } from 'node:fs'

/** Opens the file anew for each start; `verbose` also prints every line. */
export function openLog(path: string, verbose: boolean) {
  const file = createWriteStream(path, { flags: 'w' })
  return {
    line(part: string, line: string): void {
      const text = `${new Date().toISOString()} ${part.padEnd(8)} ${line}`
      file.write(`${text}\n`)
      if (verbose) console.log(text)
    },
    close(): void {
      file.end()
    },
  }
}
