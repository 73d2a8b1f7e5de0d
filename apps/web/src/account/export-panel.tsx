import { NetworkError } from '@gen3d/client/errors'
import { useSignal } from '@preact/signals'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Fault } from '../ui/controls.tsx'
import { formatBytes } from '../ui/format.ts'
import { useTask } from '../ui/use-task.ts'
import { saveAs } from '../view/files.ts'
import type { ExportProgress } from './export.ts'

const text = strings.account
/** Bytes are handed to the browser's own storage, which may put them on disk, in pieces of this size. */
const PIECE_BYTES = 16 * 1024 * 1024

/** Collects bytes into a Blob without holding more than a piece of them in memory. */
function createBlobSink() {
  let blob = new Blob([])
  let parts: Uint8Array<ArrayBuffer>[] = []
  let held = 0
  const pack = () => {
    blob = new Blob([blob, ...parts], { type: 'application/zip' })
    parts = []
    held = 0
  }
  return {
    async write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
      parts.push(bytes)
      held += bytes.length
      if (held >= PIECE_BYTES) pack()
    },
    finish(): Blob {
      pack()
      return blob
    },
  }
}

export function ExportPanel() {
  const { client, say } = useStore()
  const task = useTask()
  const progress = useSignal<ExportProgress | null>(null)
  const start = () =>
    task.run(async () => {
      progress.value = { files: 0, bytes: 0 }
      try {
        // Comes only for whoever takes everything along.
        const { exportAll } = await import('./export.ts')
        const sink = createBlobSink()
        const { files } = await exportAll(
          {
            list: (page) => client.exportFiles(page),
            open: (url) =>
              fetch(url).catch((cause) => {
                throw new NetworkError(strings.keep.failed, { cause })
              }),
          },
          sink.write,
          (now) => {
            progress.value = now
          },
        )
        if (files > 0) saveAs(sink.finish(), text.exportName)
        say(text.exported(files))
      } finally {
        progress.value = null
      }
    })
  const now = progress.value
  return (
    <>
      <p>{text.exportText}</p>
      {task.error ? <Fault error={task.error} /> : null}
      <div class="row">
        <button type="button" disabled={task.busy} onClick={start}>
          {now ? text.exporting(now.files, formatBytes(now.bytes)) : text.exportAll}
        </button>
      </div>
    </>
  )
}
