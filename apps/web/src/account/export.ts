/** Everything of a person in one ZIP, written while it is read: no more than one piece of a file is held at a time. */
import { NetworkError } from '@gen3d/client/errors'
import type { ExportPage } from '@gen3d/shared/api'
import { Zip, ZipPassThrough } from 'fflate'
import { strings } from '../strings.ts'

type ExportFile = ExportPage['files'][number]

export interface ExportSource {
  /** A page of files, with addresses that hold for a quarter of an hour. */
  readonly list: (page: { cursor?: string }) => Promise<ExportPage>
  readonly open: (url: string) => Promise<Response>
}

export interface ExportProgress {
  readonly files: number
  readonly bytes: number
}

/** A ZIP without its 64-bit form ends there. */
const MAX_ZIP_BYTES = 0xffff_ffff
const MAX_ZIP_FILES = 0xffff

/** The file's answer; asks for new addresses once, where the old one has run out on the way. */
async function openFile(
  source: ExportSource,
  file: ExportFile,
  cursor: string | undefined,
): Promise<Response> {
  const first = await source.open(file.url)
  if (first.ok) return first
  const { files } = await source.list({ cursor })
  const again = files.find(({ path }) => path === file.path)
  const second = again && (await source.open(again.url))
  if (!second?.ok) throw new NetworkError(strings.keep.failed)
  return second
}

/**
 * Reads every file and hands the ZIP's bytes to `write`, in order. The files are compressed already, so they are only
 * stored. Throws NetworkError when a file breaks off, and Error when all of it is more than a ZIP can hold.
 */
export async function exportAll(
  source: ExportSource,
  write: (bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
  onProgress: (progress: ExportProgress) => void,
): Promise<ExportProgress> {
  const made: Uint8Array<ArrayBuffer>[] = []
  const zip = new Zip((error, bytes) => {
    if (error) throw error
    made.push(Uint8Array.from(bytes))
  })
  const flush = async () => {
    for (const bytes of made.splice(0)) await write(bytes)
  }
  const done = { files: 0, bytes: 0 }
  let cursor: string | undefined
  do {
    const page = await source.list({ cursor })
    for (const file of page.files) {
      if (done.bytes + file.size_bytes > MAX_ZIP_BYTES || done.files === MAX_ZIP_FILES)
        throw new Error(strings.account.exportTooLarge)
      const body = (await openFile(source, file, cursor)).body
      if (!body) throw new NetworkError(strings.keep.failed)
      const entry = new ZipPassThrough(file.path)
      zip.add(entry)
      const reader = body.getReader()
      let length = 0
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        length += part.value.length
        done.bytes += part.value.length
        entry.push(part.value)
        await flush()
        onProgress({ ...done })
      }
      if (length !== file.size_bytes) throw new NetworkError(strings.keep.failed)
      entry.push(new Uint8Array(), true)
      await flush()
      done.files += 1
      onProgress({ ...done })
    }
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  zip.end()
  await flush()
  return done
}
