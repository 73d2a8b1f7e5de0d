import { strings } from '../strings.ts'
import { Notice, Progress } from '../ui/controls.tsx'
import { Layers } from './layers.tsx'
import type { Selection } from './selection.ts'
import { Stage } from './stage.tsx'
import type { StageModel } from './stage-model.ts'
import { Refine, Toolbar } from './toolbar.tsx'

const text = strings.select
/** Fingers have no right button. */
const coarse = matchMedia('(pointer: coarse)').matches

/** The photo with its tools: the left side of the screen. */
export function SelectStage({ model, selection }: { model: StageModel | null; selection: Selection }) {
  const readiness = selection.readiness.value
  const empty = selection.chosen.value.length === 0
  return (
    <div class="stage-frame">
      {model && <Toolbar model={model} />}
      <div class="stage-room">
        {model && <Stage model={model} />}
        <p class="stage-note" role="status">
          {readiness.kind === 'ready'
            ? empty
              ? text.ready
              : ''
            : readiness.kind === 'failed'
              ? ''
              : readiness.kind === 'embedding'
                ? text.embedding
                : text.preparing}
        </p>
      </div>
    </div>
  )
}

interface PanelProps {
  readonly model: StageModel | null
  readonly selection: Selection
  /** As many as this deployment makes in one job. */
  readonly mostObjects: number
}

/** What is selected, and how: the right side of the screen. */
export function SelectPanel({ model, selection, mostObjects }: PanelProps) {
  const readiness = selection.readiness.value
  const server = selection.server.value
  const engine = selection.engine.value
  return (
    <>
      {readiness.kind === 'failed' && (
        <Notice kind="error">
          <p>
            {text.failed} {readiness.message}
          </p>
        </Notice>
      )}
      {selection.fault.value && <Notice kind="error">{selection.fault.value}</Notice>}
      {model && (
        <p class="hint tool-hint">
          {coarse && model.tool.value === 'point' ? text.touchHint : text.toolHints[model.tool.value]}
        </p>
      )}
      <Layers selection={selection} most={mostObjects} />
      {model && <Refine model={model} />}
      {server.kind === 'differs' && (
        <Notice kind="plain">
          <p>{text.differs}</p>
          <div class="row">
            <button type="button" onClick={() => selection.useServer()}>
              {text.useServer}
            </button>
            <button type="button" class="quiet" onClick={() => (selection.server.value = { kind: 'none' })}>
              {text.keepMine}
            </button>
          </div>
        </Notice>
      )}
      {server.kind === 'fetching' && <Fetching fraction={server.fraction} />}
      {server.kind === 'failed' && (
        <Notice kind="plain">
          {text.decoderFailed} {server.message}
        </Notice>
      )}
      {server.kind === 'foreign' && <p class="hint">{text.otherDecoder(server.decoder)}</p>}
      <details class="shortcuts">
        <summary>{text.help}</summary>
        <dl>
          {text.shortcuts.map(([keys, what]) => (
            <div key={keys}>
              <dt>{keys}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </details>
      {readiness.kind === 'ready' && (
        <p class="hint engine">
          {engine && strings.session.selectWith(engine.name, engine.version)}
          {server.kind === 'same' && engine?.name === readiness.photo.engine.name
            ? ` · ${text.confirmed}`
            : ''}
        </p>
      )}
    </>
  )
}

/** The server's decoder on its way; selecting goes on beside it. */
function Fetching({ fraction }: { fraction: number | null }) {
  const label = text.fetchingDecoder(fraction === null ? null : Math.floor(fraction * 100))
  return (
    <div class="fetching">
      <p class="hint" role="status">
        {label}
      </p>
      <Progress fraction={fraction} label={label} />
    </div>
  )
}
