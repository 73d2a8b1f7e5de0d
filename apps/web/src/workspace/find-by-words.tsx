import type { SelectResponse } from '@gen3d/shared/api'
import { isOpen } from '@gen3d/shared/job-states'
import { MAX_TEXT_LENGTH } from '@gen3d/shared/limits'
import { useSignal } from '@preact/signals'
import { takeFound } from '../select/document.ts'
import { strings } from '../strings.ts'
import { Fault } from '../ui/controls.tsx'
import { formatShare } from '../ui/format.ts'
import { useTask } from '../ui/use-task.ts'
import { JobPanel } from '../wait/job-panel.tsx'
import type { Workspace } from './workspace.ts'

const text = strings.select.words

/** Words in, objects of the photo out: the engine's word for where they are, taken up as boxes like any other. */
export function FindByWords({ workspace, mostObjects }: { workspace: Workspace; mostObjects: number }) {
  const task = useTask()
  const asked = useSignal('')
  /** What was asked last: the field may hold other words by the time that something is found. */
  const sought = useSignal('')
  const job = workspace.words.value
  const status = job?.status.value ?? null
  const busy = job !== null && !job.fault.value && (status === null || isOpen(status.state))
  return (
    <section class="words" aria-label={text.title}>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault()
          sought.value = asked.value.trim()
          void task.run(() => workspace.findByWords(sought.value))
        }}
      >
        <input
          aria-label={text.label}
          placeholder={text.example}
          required
          pattern=".*\S.*"
          maxLength={MAX_TEXT_LENGTH}
          value={asked.value}
          onInput={(event) => (asked.value = event.currentTarget.value)}
        />
        <button type="submit" disabled={busy || task.busy || !workspace.photoStored.value}>
          {text.find}
        </button>
      </form>
      {task.error ? <Fault error={task.error} /> : null}
      {job && status?.state !== 'COMPLETED' && <JobPanel job={job} onRetried={workspace.followWords} />}
      {status?.state === 'COMPLETED' && (
        <Found
          workspace={workspace}
          found={status.result as SelectResponse}
          name={sought.value}
          mostObjects={mostObjects}
        />
      )}
    </section>
  )
}

interface FoundProps {
  workspace: Workspace
  found: SelectResponse
  name: string
  mostObjects: number
}

/** Each a button with its mask; pressed, it becomes an object of its own, or fills the empty one. */
function Found({ workspace, found, name, mostObjects }: FoundProps) {
  const { selection } = workspace
  if (found.candidates.length === 0) return <p role="status">{text.nothing}</p>
  return (
    <>
      <p class="hint" role="status">
        {text.found(found.candidates.length)}
      </p>
      <ul class="found">
        {found.candidates.map(({ mask_url, score, box: [x0, y0, x1, y1] }, index) => (
          <li key={mask_url}>
            <button
              type="button"
              aria-label={text.take(index + 1, formatShare(score))}
              onClick={() =>
                selection.change((document) =>
                  takeFound(document, { box: [x0, y0, x1, y1], name }, mostObjects, strings.select.layerName),
                )
              }
            >
              <img src={mask_url} alt="" width={64} />
              {formatShare(score)}
            </button>
          </li>
        ))}
      </ul>
    </>
  )
}
