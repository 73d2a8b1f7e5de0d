import type { Client } from '@gen3d/client/client'
import type { ExportPage } from '@gen3d/shared/api'
import { noPositionals } from './arguments.ts'
import type { Command } from './command.ts'
import { connect } from './connection.ts'
import { DEPLOYMENT_OPTIONS } from './deployment.ts'
import { openDownload } from './download-files.ts'
import { CliError, EXIT, usageError } from './errors.ts'
import { writeOutput } from './files.ts'
import { createProgressBar } from './progress-bar.ts'
import { toSize } from './report.ts'
import type { Terminal } from './terminal.ts'
import { writeZip } from './write-zip.ts'

export type ExportFile = ExportPage['files'][number]

/** Signed addresses hold 15 minutes; a file that is begun is read to its end. */
const RENEW_AFTER_MS = 10 * 60_000

export const exportAll: Command = {
  summary: 'Download everything of yours: photos, masks, results.',
  usage: 'gen3d export -o FILE.zip | FOLDER/',
  options: {
    out: {
      value: 'PATH',
      short: 'o',
      help: 'One ZIP, or a folder (with a slash at its end), which has no limit of 4 GB.',
    },
    ...DEPLOYMENT_OPTIONS,
  },
  examples: ['gen3d export -o everything.zip', 'gen3d export -o everything/ --json'],
  async run(args, terminal) {
    noPositionals(args)
    const path = args.get('out')
    if (path === undefined) throw usageError('-o is missing: FILE.zip, or a folder with a slash at its end.')
    const intoFolder = /[/\\]$/.test(path)
    if (!intoFolder && !/\.zip$/i.test(path))
      throw usageError(`"${path}" must end with .zip or with a slash.`)
    const client = await connect(args, terminal)
    const read = createReader(terminal)
    try {
      const files = listFiles(client, terminal.signal)
      if (intoFolder) {
        for await (const file of files) {
          await writeOutput(terminal.folder, path + file.path, read.open(file), { signal: terminal.signal })
        }
      } else {
        await writeOutput(terminal.folder, path, writeZip(files, read.open), { signal: terminal.signal })
      }
    } finally {
      read.end()
    }
    const { count, bytes } = read.seen
    if (args.has('json')) terminal.out(JSON.stringify({ path, files: count, size_bytes: bytes }))
    else terminal.out(`${path}  ${count} files, ${toSize(bytes)}`)
    return EXIT.ok
  },
}

/** Every file in the order of paths; a page whose addresses have aged is asked for again, and goes on where it was. */
async function* listFiles(client: Client, signal: AbortSignal): AsyncGenerator<ExportFile> {
  let cursor: string | undefined
  let last = ''
  for (;;) {
    const { files, next_cursor } = await client.exportFiles({ cursor }, { signal })
    const renewAt = Date.now() + RENEW_AFTER_MS
    const left = files.filter(({ path }) => path > last)
    let aged = false
    for (const file of left) {
      aged = Date.now() > renewAt
      if (aged) break
      if (!isInside(file.path))
        throw new CliError(`The API named a file that leads elsewhere: "${file.path}".`)
      yield file
      last = file.path
    }
    if (aged) continue
    if (next_cursor === null) return
    cursor = next_cursor
  }
}

/** A path that stays in its folder, on Windows too. */
function isInside(path: string): boolean {
  return path.split('/').every((part) => /^[^\\:]+$/.test(part) && part !== '.' && part !== '..')
}

function createReader(terminal: Terminal) {
  const bar = createProgressBar(terminal.draw)
  const seen = { count: 0, bytes: 0 }
  return {
    seen,
    end: bar.end,
    /** The bytes of a file, whole or with an error. */
    async *open({ path, url, size_bytes }: ExportFile): AsyncGenerator<Uint8Array> {
      let size = 0
      // Node's streams of the web can be iterated; the DOM's type does not say so.
      const body = (await openDownload(url, terminal.signal)) as unknown as AsyncIterable<Uint8Array>
      for await (const chunk of body) {
        size += chunk.length
        seen.bytes += chunk.length
        bar.show(`Exporting ${seen.count + 1} files, ${toSize(seen.bytes)}`, null)
        yield chunk
      }
      if (size !== size_bytes) throw new CliError(`The download of ${path} broke off. Try again.`)
      seen.count++
    },
  }
}
