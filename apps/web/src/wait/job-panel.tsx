import { isOpen, isRetryable } from '@gen3d/shared/job-states'
import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Fault, Progress } from '../ui/controls.tsx'
import { useTask } from '../ui/use-task.ts'
import { describeJob } from './describe.ts'
import type { FollowedJob } from './job.ts'
import { askForNotices, noticePermission } from './notice.ts'

const text = strings.wait

/** The offer to be told of the end; said plainly where the browser has no such thing. */
function NoticeOffer() {
  const permission = useSignal(noticePermission())
  if (permission.value === 'unavailable') return <p class="hint">{text.noNotices}</p>
  if (permission.value === 'granted') return <p class="hint">{text.noticesOn}</p>
  if (permission.value === 'denied') return null
  return (
    <button
      type="button"
      class="quiet"
      onClick={async () => {
        permission.value = await askForNotices()
      }}
    >
      {text.askNotices}
    </button>
  )
}

interface Props {
  job: FollowedJob
  onRetried: (jobId: string) => void
}

/** What a job is doing, with its way out: cancel while it runs, try again when it failed. */
export function JobPanel({ job, onRetried }: Props) {
  const { client, capabilities } = useStore()
  const task = useTask()
  const now = useSignal(Date.now())
  const status = job.status.value
  const open = !status || isOpen(status.state)

  useEffect(() => {
    if (!open) return
    const timer = setInterval(() => (now.value = Date.now()), 1000)
    return () => clearInterval(timer)
  }, [open, now])

  if (job.fault.value) return <Fault error={job.fault.value} />
  if (!status) return <p class="hint">{strings.loading}</p>
  const { headline, details, fraction } = describeJob(status, now.value)
  return (
    <section class={`job ${status.state.toLowerCase()}`} aria-label={text.title}>
      <p class="headline" role="status">
        {headline}
      </p>
      {fraction !== undefined && <Progress fraction={fraction} label={headline} />}
      {details.map((line) => (
        <p class="hint" key={line.replaceAll(/\d+/g, '#')}>
          {line}
        </p>
      ))}
      {job.trouble.value && <p class="hint warn">{text.trouble}</p>}
      {open && status.kind === 'reconstruct' && (
        <>
          <p class="hint">{capabilities.value?.mail ? text.mail : text.leave}</p>
          <NoticeOffer />
        </>
      )}
      {task.error ? <Fault error={task.error} /> : null}
      <div class="row">
        {open && (
          <button
            type="button"
            disabled={task.busy}
            onClick={() =>
              task.run(async () => {
                job.status.value = await client.cancelJob(job.jobId)
              })
            }
          >
            {text.cancel}
          </button>
        )}
        {isRetryable(status.state) && (
          <button
            type="button"
            class="primary"
            disabled={task.busy}
            onClick={() =>
              task.run(async () => {
                const again = await client.retryJob(job.jobId, { idempotencyKey: `retry-${job.jobId}` })
                onRetried(again.job_id)
              })
            }
          >
            {text.retry}
          </button>
        )}
      </div>
    </section>
  )
}
