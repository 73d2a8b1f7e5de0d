/** The right side of the Object tab, and the source of fresh addresses for its left. */
import type { Client } from '@gen3d/client/client'
import type { JobStatus, ReconstructResponse } from '@gen3d/shared/api'
import { strings } from '../strings.ts'
import { formatMetres } from '../ui/format.ts'
import { lazy } from '../ui/lazy.tsx'
import { ArButton } from './ar-button.tsx'
import { Downloads } from './downloads.tsx'
import { type FreshResult, keepFresh, type ShownResult } from './files.ts'
import { unite } from './orbit.ts'

const text = strings.view

export const Viewer = lazy(() => import('./viewer.tsx'))

export function freshResult(client: Client, status: JobStatus): FreshResult {
  return keepFresh(status.result as ReconstructResponse, async () => {
    const again = await client.readStatus(status.job_id)
    return again.status.result as ReconstructResponse
  })
}

interface PanelProps {
  result: ShownResult
  fresh: FreshResult
  name: string
  /** From submit to end. */
  seconds: number | null
}

export function ObjectPanel({ result, fresh, name, seconds }: PanelProps) {
  const { min, max } = unite(result.objects.map((each) => each.bounds))
  const size = (axis: number) => formatMetres(max[axis] - min[axis])
  return (
    <>
      <p class="hint">
        {text.size(size(0), size(1), size(2), result.scale_basis === 'measured')}
        {seconds === null ? '' : ` · ${strings.wait.took(seconds)}`}
      </p>
      {result.warnings && result.warnings.length > 0 && (
        <details>
          <summary>{text.warnings}</summary>
          <ul>
            {result.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </details>
      )}
      <ArButton result={result} fresh={fresh} name={name} />
      <Downloads result={result} fresh={fresh} />
      <p class="hint engine">{strings.session.madeWith(result.engine.name, result.engine.version)}</p>
    </>
  )
}
