import { type FileFormat, FORMATS, type Quality } from '@gen3d/shared/formats'
import { type Signal, useSignal } from '@preact/signals'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Fault } from '../ui/controls.tsx'
import { useTask } from '../ui/use-task.ts'
import type { Workspace } from './workspace.ts'

const text = strings.make
/** What most people want: a splat to look at and a mesh to use. */
const USUAL: readonly FileFormat[] = ['ply', 'glb']

function Formats({
  offered,
  chosen,
}: {
  offered: readonly FileFormat[]
  chosen: Signal<readonly FileFormat[]>
}) {
  const set = (format: FileFormat, on: boolean) => {
    chosen.value = on ? [...chosen.value, format] : chosen.value.filter((each) => each !== format)
  }
  return (
    <fieldset>
      <legend>{text.formats}</legend>
      <div class="options">
        {offered
          .filter((format) => FORMATS[format].kind !== 'image')
          .map((format) => {
            const [short, long] = text.formatNames[format]
            return (
              <label class="tick" key={format}>
                <input
                  type="checkbox"
                  checked={chosen.value.includes(format)}
                  onChange={(event) => set(format, event.currentTarget.checked)}
                />
                <span>
                  {short}
                  <span class="hint">{long}</span>
                </span>
              </label>
            )
          })}
      </div>
    </fieldset>
  )
}

/** The last step before the machine: quality, files, and what it takes. */
export function MakePanel({ workspace, onSent }: { workspace: Workspace; onSent: () => void }) {
  const { capabilities } = useStore()
  const can = capabilities.value
  const quality = useSignal<Quality>('standard')
  const formats = useSignal(USUAL)
  const task = useTask()
  const offered = can?.formats ?? USUAL
  const wanted = offered.filter((format) => formats.value.includes(format))
  const empty = workspace.selection.chosen.value.length === 0
  const spent = can !== null && can.limits.jobs_today_left < 1
  const blocked = empty
    ? text.nothing
    : !workspace.photoStored.value
      ? text.waitPhoto
      : spent
        ? text.noneLeft
        : null
  const estimate = can?.estimated_wait_seconds?.reconstruct
  const cost = can?.estimated_cost_usd
  return (
    <form
      class="make"
      aria-label={text.title}
      onSubmit={(event) => {
        event.preventDefault()
        if (blocked) return
        void task.run(async () => {
          // A picture for the gallery costs next to nothing, so it is always asked for.
          const poster: FileFormat[] = can?.formats.includes('png') ? ['png'] : []
          await workspace.submit({ quality: quality.value, formats: [...wanted, ...poster] })
          onSent()
        })
      }}
    >
      <details>
        <summary>
          {text.qualities[quality.value][0]}, {wanted.map((format) => text.formatNames[format][0]).join(', ')}
        </summary>
        <fieldset>
          <legend>{text.quality}</legend>
          <div class="options">
            {(can?.qualities ?? ['standard']).map((each) => (
              <label class="tick" key={each}>
                <input
                  type="radio"
                  name="quality"
                  checked={quality.value === each}
                  onChange={() => (quality.value = each)}
                />
                <span>
                  {text.qualities[each][0]}
                  <span class="hint">{text.qualities[each][1]}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <Formats offered={offered} chosen={formats} />
      </details>
      {task.error ? <Fault error={task.error} /> : null}
      <button
        type="submit"
        class="primary large"
        aria-disabled={blocked !== null}
        aria-describedby="make-hint"
        disabled={task.busy || wanted.length === 0}
      >
        {task.busy ? text.sending : workspace.results.value.length > 0 ? text.makeAgain : text.make}
      </button>
      <p class="hint" id="make-hint">
        {blocked ??
          (estimate ? text.estimate(estimate.low, estimate.high, estimate.basis === 'measured') : '')}{' '}
        {!blocked && cost ? text.cost(cost.low.toFixed(2), cost.high.toFixed(2)) : ''}
      </p>
    </form>
  )
}
