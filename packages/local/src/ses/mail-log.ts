import {
  appendFileSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** A mail as it stands in the inbox. `sent_at` is ISO 8601 in UTC. */
export interface StoredMail {
  readonly id: string
  readonly to: readonly string[]
  readonly from: string
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly sent_at: string
  readonly configuration_set?: string
  readonly tags?: Readonly<Record<string, string>>
}

export interface MailLog {
  /** Oldest first. */
  readonly list: () => readonly StoredMail[]
  /** Durable when it returns. */
  readonly append: (mail: StoredMail) => void
  readonly clear: () => void
}

// One JSON line a mail, appended. A crash in the middle of a line leaves a line that is no JSON: that mail was never
// acknowledged, so it is dropped.
function readLines(path: string): StoredMail[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
  return text.split('\n').flatMap((line) => {
    try {
      return line ? [JSON.parse(line) as StoredMail] : []
    } catch {
      return []
    }
  })
}

/** Opens the mails in `folder/mails.jsonl`. */
export function openMailLog(folder: string): MailLog {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'mails.jsonl')
  let mails = readLines(path)

  function replace(): void {
    const temporary = `${path}.tmp`
    writeFileSync(temporary, mails.map((mail) => `${JSON.stringify(mail)}\n`).join(''))
    renameSync(temporary, path)
  }
  // Without it the first mail after a crash would be glued to the torn line.
  replace()

  return {
    list: () => mails,
    append(mail) {
      const file = openSync(path, 'a')
      try {
        appendFileSync(file, `${JSON.stringify(mail)}\n`)
        fsyncSync(file)
      } finally {
        closeSync(file)
      }
      mails.push(mail)
    },
    clear() {
      mails = []
      replace()
    },
  }
}
