import { Zip, ZipPassThrough } from 'fflate'
import { CliError } from './errors.ts'

/** Of a ZIP without the ZIP64 extension, which fflate does not write; less than 4 GiB, so that the directory fits, too. */
const MAX_BYTES = 4_000_000_000
const MAX_FILES = 65_000

/**
 * A ZIP of files one after the other, never more than a chunk of it in memory. Stored as they are: photos and most
 * results are packed already. Throws CliError when they do not fit into one ZIP.
 */
export async function* writeZip<File extends { readonly path: string; readonly size_bytes: number }>(
  files: AsyncIterable<File>,
  open: (file: File) => AsyncIterable<Uint8Array>,
  limits = { bytes: MAX_BYTES, files: MAX_FILES },
): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = []
  let failure: Error | null = null
  const zip = new Zip((error, chunk) => {
    failure ??= error
    ready.push(chunk)
  })
  const take = () => {
    if (failure) throw failure
    const taken = ready
    ready = []
    return taken
  }
  let bytes = 0
  let count = 0
  for await (const file of files) {
    bytes += file.size_bytes
    if (bytes > limits.bytes || ++count > limits.files) {
      throw new CliError('This is more than one ZIP holds. Export into a folder: gen3d export -o FOLDER/')
    }
    const entry = new ZipPassThrough(file.path)
    zip.add(entry)
    for await (const chunk of open(file)) {
      entry.push(chunk)
      yield* take()
    }
    entry.push(new Uint8Array(0), true)
    yield* take()
  }
  zip.end()
  yield* take()
}
