import type { JobStatus, WaitEstimate } from '@gen3d/shared/api'
import { strings } from '../strings.ts'
import { formatSeconds } from '../ui/format.ts'
import { stageName, tookSeconds } from './describe.ts'

const text = strings.wait

interface Props {
  status: JobStatus
  /** What was said before; null in a browser that did not send the job. */
  expected: WaitEstimate | null
}

/** What a finished job took, beside what was said before it. */
export function Measured({ status, expected }: Props) {
  const seconds = tookSeconds(status)
  const steps = Object.entries(status.timings)
  if (seconds === null) return null
  return (
    <details class="measured">
      <summary>{text.measured}</summary>
      <dl>
        <div>
          <dt>{text.wholeJob}</dt>
          <dd>
            {formatSeconds(seconds)}
            {expected ? ` (${text.expected(expected.low, expected.high)})` : ''}
          </dd>
        </div>
        {steps.map(([step, value]) => (
          <div key={step}>
            <dt>{stageName(step)}</dt>
            <dd>{formatSeconds(value)}</dd>
          </div>
        ))}
        {status.cost_usd !== null && (
          <div>
            <dt>{text.costTitle}</dt>
            <dd>{text.cost(status.cost_usd)}</dd>
          </div>
        )}
      </dl>
    </details>
  )
}
