/** The right side of the Object tab, and the source of fresh addresses for its left. */
import type { Client } from '@gen3d/client/client'
import type { JobStatus, ReconstructResponse } from '@gen3d/shared/api'
import { DOWNLOAD_URL_SECONDS } from '@gen3d/shared/limits'
import { strings } from '../strings.ts'
import { formatMetres } from '../ui/format.ts'
import { lazy } from '../ui/lazy.tsx'
import { Downloads } from './downloads.tsx'
import type { FreshResult } from './files.ts'
import { unite } from './orbit.ts'

const text = strings.view

export const Viewer = lazy(() => import('./viewer.tsx'))

/** Signed addresses are asked for anew when most of their time is over. */
export function freshResult(client: Client, status: JobStatus): FreshResult {
  let known = status.result as ReconstructResponse
  let readAt = Date.now()
  return async () => {
    if (Date.now() - readAt > DOWNLOAD_URL_SECONDS * 800) {
      const again = await client.readStatus(status.job_id)
      known = again.status.result as ReconstructResponse
      readAt = Date.now()
    }
    return known
  }
}

interface PanelProps {
  result: ReconstructResponse
  fresh: FreshResult
  /** From submit to end. */
  seconds: number | null
}

export function ObjectPanel({ result, fresh, seconds }: PanelProps) {
  const { min, max } = unite(result.objects.map((each) => each.bounds))
  const size = (axis: number) => formatMetres(max[axis] - min[axis])
  return (
    <>
      <p class="hint">
        {text.size(size(0), size(1), size(2), result.scale_basis === 'measured')}
        {seconds === null ? '' : ` · ${strings.wait.took(seconds)}`}
      </p>
      {result.warnings.length > 0 && (
        <details>
          <summary>{text.warnings}</summary>
          <ul>
            {result.warnings.map((warning) => (
              <li key={warning}>{warning}</li>
            ))}
          </ul>
        </details>
      )}
      <Downloads result={result} fresh={fresh} />
      <p class="hint engine">{strings.session.madeWith(result.engine.name, result.engine.version)}</p>
    </>
  )
}
