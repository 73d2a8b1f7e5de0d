import type { ResultFile } from '@gen3d/shared/api'
import { FORMATS } from '@gen3d/shared/formats'
import { useSignal } from '@preact/signals'
import { strings } from '../strings.ts'
import { Fault } from '../ui/controls.tsx'
import { formatBytes } from '../ui/format.ts'
import { Icon } from '../ui/icon.tsx'
import { useTask } from '../ui/use-task.ts'
import { type FreshResult, fetchFile, fileName, type ShownResult, saveAs } from './files.ts'

const text = strings.keep

interface DownloadProps {
  object: string
  file: ResultFile
  /** The same file with an address that still holds. */
  fresh: () => Promise<ResultFile>
}

function Download({ object, file, fresh }: DownloadProps) {
  const task = useTask()
  const fraction = useSignal(0)
  const [short, long] = strings.make.formatNames[file.format]
  return (
    <li>
      <button
        type="button"
        class="download"
        disabled={task.busy}
        onClick={() =>
          task.run(async () => {
            fraction.value = 0
            const { url, size_bytes } = await fresh()
            const bytes = await fetchFile(url, size_bytes, new AbortController().signal, (at) => {
              fraction.value = at / size_bytes
            })
            saveAs(
              new Blob([bytes], { type: FORMATS[file.format].contentType }),
              fileName(object, file.format),
            )
          })
        }
      >
        <Icon name="download" />
        <span class="format">
          <span class="visually-hidden">{text.download(object)} </span>
          {short}
        </span>
        <span class="hint">{long}</span>
        <span class="size">
          {task.busy ? text.fetching(Math.round(fraction.value * 100)) : formatBytes(file.size_bytes)}
        </span>
      </button>
      {task.error ? <Fault error={task.error} /> : null}
    </li>
  )
}

/** Everything in one ZIP, made in the browser; the files are compressed already, so it only stores them. */
function DownloadAll({ groups, fresh }: { groups: readonly Group[]; fresh: FreshResult }) {
  const task = useTask()
  const fraction = useSignal(0)
  const total = groups.flatMap((group) => group.files).reduce((sum, file) => sum + file.size_bytes, 0)
  return (
    <>
      <button
        type="button"
        class="download"
        disabled={task.busy}
        onClick={() =>
          task.run(async () => {
            const [{ zipSync }, now] = await Promise.all([import('fflate'), fresh()])
            const entries: Record<string, Uint8Array> = {}
            let before = 0
            for (const [index, group] of groups.entries()) {
              for (const file of group.find(now) ?? []) {
                const folder = groups.length > 1 ? `${index + 1}-` : ''
                entries[folder + fileName(group.name, file.format)] = await fetchFile(
                  file.url,
                  file.size_bytes,
                  new AbortController().signal,
                  (at) => {
                    fraction.value = (before + at) / total
                  },
                )
                before += file.size_bytes
              }
            }
            const zip = zipSync(entries, { level: 0 })
            saveAs(new Blob([Uint8Array.from(zip)], { type: 'application/zip' }), text.zipName)
          })
        }
      >
        <Icon name="download" />
        <span class="format">{text.zip}</span>
        <span class="hint">{text.zipHint}</span>
        <span class="size">
          {task.busy ? text.fetching(Math.round(fraction.value * 100)) : formatBytes(total)}
        </span>
      </button>
      {task.error ? <Fault error={task.error} /> : null}
    </>
  )
}

interface Group {
  readonly name: string
  readonly files: readonly ResultFile[]
  readonly find: (now: ShownResult) => readonly ResultFile[] | undefined
}

/** Every file of a result, with its size. */
export function Downloads({ result, fresh }: { result: ShownResult; fresh: FreshResult }) {
  const groups: Group[] = [
    ...result.objects.map((object, index) => ({
      name: object.name,
      files: object.files,
      find: (now: ShownResult) => now.objects[index]?.files,
    })),
    ...(result.scene
      ? [
          {
            name: text.scene,
            files: result.scene.files,
            find: (now: ShownResult) => now.scene?.files,
          },
        ]
      : []),
  ]
  return (
    <section class="downloads" aria-label={text.title}>
      <h2>{text.title}</h2>
      {groups.map((group, index) => (
        <div key={index}>
          {groups.length > 1 && <h3>{group.name}</h3>}
          <ul>
            {group.files.map((file) => (
              <Download
                key={file.format}
                object={group.name}
                file={file}
                fresh={async () =>
                  group.find(await fresh())?.find((each) => each.format === file.format) ?? file
                }
              />
            ))}
          </ul>
        </div>
      ))}
      <DownloadAll groups={groups} fresh={fresh} />
    </section>
  )
}
