import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AuthError } from '@gen3d/client/auth'
import { ApiError, NetworkError } from '@gen3d/client/errors'
import { CliError } from './errors.ts'

/** Reads a file; the error says which one and what to check. */
export async function readInput(folder: string, path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await readFile(resolve(folder, path)))
  } catch (cause) {
    throw new CliError(`"${path}" cannot be read: ${reasonOf(cause)}. Check the path.`, undefined, { cause })
  }
}

/**
 * Writes a file whole or not at all: under another name in the same folder first, then renamed. Missing folders are
 * made. An abort removes what was begun.
 */
export async function writeOutput(
  folder: string,
  path: string,
  content: Uint8Array | ReadableStream<Uint8Array> | AsyncGenerator<Uint8Array>,
  options: {
    readonly signal: AbortSignal
    readonly mode?: number
    /** What a stream must bring; one that ends early leaves no file. */
    readonly sizeBytes?: number
  },
): Promise<void> {
  const target = resolve(folder, path)
  const unfinished = `${target}.${randomBytes(4).toString('hex')}.part`
  try {
    options.signal.throwIfAborted()
    await mkdir(dirname(target), { recursive: true })
    if (content instanceof Uint8Array) {
      await writeFile(unfinished, content, { signal: options.signal, mode: options.mode })
    } else {
      const source =
        content instanceof ReadableStream
          ? // The DOM's and Node's types of the same stream differ.
            Readable.fromWeb(content as Parameters<typeof Readable.fromWeb>[0])
          : content
      await pipeline(source, createWriteStream(unfinished, { mode: options.mode }), {
        signal: options.signal,
      })
    }
    options.signal.throwIfAborted()
    if (options.sizeBytes !== undefined && (await stat(unfinished)).size !== options.sizeBytes) {
      throw new Error('the download broke off')
    }
    await rename(unfinished, target)
  } catch (cause) {
    await rm(unfinished, { force: true }).catch(() => undefined)
    if (options.signal.aborted) throw options.signal.reason
    if (SOURCE_ERRORS.some((kind) => cause instanceof kind)) throw cause
    throw new CliError(`"${path}" cannot be written: ${reasonOf(cause)}.`, undefined, {
      cause,
    })
  }
}

/** Of where the content comes from: the file is not to blame, and they say so themselves. */
const SOURCE_ERRORS = [CliError, ApiError, NetworkError, AuthError]

const REASONS: Record<string, string> = {
  ENOENT: 'there is no such file or folder',
  EACCES: 'this is not permitted',
  EPERM: 'this is not permitted',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of the path is not a folder',
  ENOSPC: 'the disk is full',
  EROFS: 'the disk is read-only',
}

function reasonOf(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  return (code && REASONS[code]) ?? message ?? 'it failed'
}
