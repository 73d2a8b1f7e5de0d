import type { ResultFile } from '@gen3d/shared/api'
import { CliError } from './errors.ts'
import { writeOutput } from './files.ts'
import type { Planned } from './outputs.ts'
import { createProgressBar } from './progress-bar.ts'
import type { Terminal } from './terminal.ts'

/** Downloads each file to its path, whole or not at all. */
export async function downloadFiles(plan: readonly Planned<ResultFile>[], terminal: Terminal): Promise<void> {
  const bar = createProgressBar(terminal.draw)
  const total = plan.reduce((sum, { file }) => sum + file.size_bytes, 0)
  let done = 0
  try {
    for (const { path, file } of plan) {
      const body = await openDownload(file.url, terminal.signal)
      const counted = body.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(chunk, controller) {
            done += chunk.length
            bar.show(`Downloading ${path}`, total === 0 ? null : done / total)
            controller.enqueue(chunk)
          },
        }),
      )
      await writeOutput(terminal.folder, path, counted, {
        signal: terminal.signal,
        sizeBytes: file.size_bytes,
      })
    }
  } finally {
    bar.end()
  }
}

/** The bytes behind a signed address. */
export async function openDownload(url: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  let response: Response
  try {
    response = await fetch(url, { signal })
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new CliError('The bucket did not answer. Check the connection and try again.', undefined, { cause })
  }
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    throw new CliError(`The bucket answered ${response.status}. Its address may have expired: try again.`)
  }
  return response.body
}
