/** A session: Select on one side, Object on the other, and what is going on beside both. */
import { ApiError } from '@gen3d/client/errors'
import type { JobStatus } from '@gen3d/shared/api'
import { isOpen } from '@gen3d/shared/job-states'
import { MAX_OBJECTS } from '@gen3d/shared/limits'
import { useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { type SessionTab, toHash } from '../route.ts'
import { SelectPanel, SelectStage } from '../select/select-view.tsx'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Fault, Notice } from '../ui/controls.tsx'
import { formatDay, formatWhen } from '../ui/format.ts'
import { freshResult, ObjectPanel, Viewer } from '../view/object-view.tsx'
import type { Orbit } from '../view/orbit.ts'
import { resultSource, roughSource } from '../view/source.ts'
import { tookSeconds } from '../wait/describe.ts'
import { JobPanel } from '../wait/job-panel.tsx'
import { Measured } from '../wait/measured.tsx'
import { FindByWords } from './find-by-words.tsx'
import { MakePanel } from './make-panel.tsx'
import { keptUntil } from './retention.ts'
import { SessionName } from './session-head.tsx'
import { UploadPanel } from './upload-panel.tsx'
import { openWorkspace, type Workspace } from './workspace.ts'

const text = strings.session

function Tabs({ sessionId, tab }: { sessionId: string; tab: SessionTab }) {
  return (
    <nav class="tabs" aria-label={text.tabs.label}>
      {(['select', 'object'] as const).map((each) => (
        <a
          key={each}
          href={toHash({ name: 'session', sessionId, tab: each })}
          aria-current={tab === each ? 'page' : undefined}
        >
          {text.tabs[each]}
        </a>
      ))}
    </nav>
  )
}

function ObjectSide({ workspace }: { workspace: Workspace }) {
  const { client, go } = useStore()
  const job = workspace.make.value
  const status = job?.status.value ?? null
  const done: JobStatus | null = status?.state === 'COMPLETED' && status.result ? status : null
  const fresh = useMemo(() => (done ? freshResult(client, done) : null), [done?.job_id, client])
  const result = done?.result && 'objects' in done.result ? done.result : null
  const open = status === null || isOpen(status.state)
  const orbit = useSignal<Orbit | null>(null)
  const rough = workspace.rough.value
  const source = useMemo(() => {
    if (done && result && fresh) return resultSource(done.job_id, result, fresh)
    return rough && job && !done ? roughSource(`rough-${job.jobId}`, rough) : null
  }, [done?.job_id, fresh, rough, job?.jobId])
  const photo = workspace.stage.value?.bitmap ?? null
  const selected = workspace.selection.chosen.value.map(({ layer, suggestion }) => ({
    outline: suggestion.outline,
    inverted: layer.inverted,
  }))
  const toSelect = () => go({ name: 'session', sessionId: workspace.sessionId, tab: 'select' })
  const results = workspace.results.value
  return (
    <>
      <div class="main-side">
        {source ? (
          <Viewer
            key={source.id}
            source={source}
            orbit={orbit}
            name={workspace.name.value}
            photo={photo}
            selected={selected}
          />
        ) : (
          <div class="stage-frame">
            <div class="stage-room waiting">
              {job ? (
                open && <span class="breath" aria-hidden="true" />
              ) : (
                <p class="empty">{strings.view.none}</p>
              )}
            </div>
          </div>
        )}
      </div>
      <aside class="side">
        {source && !done && (
          <Notice kind="plain">
            {strings.view.rough} {open ? strings.view.realFollows : ''}
          </Notice>
        )}
        {job && !done && <JobPanel job={job} onRetried={workspace.followMake} />}
        {!job && (
          <button type="button" class="primary" onClick={toSelect}>
            {strings.view.toSelect}
          </button>
        )}
        {results.length > 1 && (
          <label class="choice">
            {strings.view.results}
            <select value={job?.jobId} onChange={(event) => workspace.followMake(event.currentTarget.value)}>
              {results.map((each, index) => (
                <option key={each.jobId} value={each.jobId}>
                  {strings.view.result(results.length - index, formatWhen(each.createdAt))}
                </option>
              ))}
            </select>
          </label>
        )}
        {result && fresh && (
          <ObjectPanel
            result={result}
            fresh={fresh}
            name={workspace.name.value}
            seconds={done && tookSeconds(done)}
          />
        )}
        {done && <Measured status={done} expected={workspace.expected.value[done.job_id] ?? null} />}
        {result && <p class="hint">{text.keptUntil(formatDay(keptUntil(workspace.sessionId)))}</p>}
      </aside>
    </>
  )
}

function SelectSide({ workspace }: { workspace: Workspace }) {
  const { go, capabilities } = useStore()
  const { selection } = workspace
  const mostObjects = capabilities.value?.max_objects ?? MAX_OBJECTS
  const make = workspace.make.value
  const makeState = make?.status.value?.state
  const busy = make !== null && (makeState === undefined || isOpen(makeState))
  const embed = workspace.embed.value
  const embedState = embed?.status.value?.state
  return (
    <>
      <div class="main-side">
        <SelectStage model={workspace.stage.value} selection={selection} />
      </div>
      <aside class="side">
        <UploadPanel workspace={workspace} />
        {capabilities.value?.text_prompts && <FindByWords workspace={workspace} mostObjects={mostObjects} />}
        <SelectPanel model={workspace.stage.value} selection={selection} mostObjects={mostObjects} />
        {busy && make ? (
          <JobPanel job={make} onRetried={workspace.followMake} />
        ) : (
          <MakePanel
            workspace={workspace}
            onSent={() => go({ name: 'session', sessionId: workspace.sessionId, tab: 'object' })}
          />
        )}
        {embed && embedState !== undefined && embedState !== 'COMPLETED' && (
          <details class="embed">
            <summary>
              {strings.wait.embedding}: {strings.gallery.states[embedState].toLowerCase()}
            </summary>
            <JobPanel job={embed} onRetried={workspace.followEmbed} />
          </details>
        )}
      </aside>
    </>
  )
}

/** Tells the end of the work in the tab's title, for whoever looks at another one. */
function titleOf(workspace: Workspace): string {
  const name = workspace.name.value || text.untitled
  const state = workspace.make.value?.status.value?.state
  const end = state && state !== 'QUEUED' && state !== 'RUNNING' ? strings.wait.endTitles[state] : null
  if (end) return `${end} · ${name}`
  const progress = workspace.make.value?.status.value?.progress
  if (state === 'RUNNING' && progress) return `${Math.round(progress * 100)} % · ${name}`
  return name
}

export default function SessionView({ sessionId, tab }: { sessionId: string; tab: SessionTab | null }) {
  const store = useStore()
  const workspace = useMemo(() => openWorkspace(store, sessionId), [store, sessionId])
  useEffect(() => () => workspace.dispose(), [workspace])
  const shown = tab ?? (workspace.make.value ? 'object' : 'select')
  const before = useRef(shown)
  useEffect(() => {
    // The button that led here stood below, where the other side has its files.
    if (before.current !== shown) window.scrollTo(0, 0)
    before.current = shown
  }, [shown])
  const fault = workspace.fault.value
  const gone = fault instanceof ApiError && fault.code === 'not_found'
  return (
    <div class="session">
      <header class="session-head">
        <SessionName workspace={workspace} documentTitle={titleOf(workspace)} usable={!fault} />
        {!fault && <Tabs sessionId={sessionId} tab={shown} />}
      </header>
      {fault ? (
        <>
          <Fault error={gone ? new Error(text.gone) : fault} onAgain={gone ? undefined : workspace.open} />
          <p>
            <a href={toHash({ name: 'home' })}>{strings.nav.home}</a>
          </p>
        </>
      ) : (
        <div class="sides">
          {shown === 'object' ? <ObjectSide workspace={workspace} /> : <SelectSide workspace={workspace} />}
        </div>
      )}
    </div>
  )
}
