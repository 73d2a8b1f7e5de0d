import { useComputed } from '@preact/signals'
import { strings } from '../strings.ts'
import { IconButton } from '../ui/controls.tsx'
import { changeActive, changePrompts, isEmpty } from './document.ts'
import { useOneStep } from './one-step.ts'
import { removeMarked, zoom } from './stage-input.ts'
import { type StageModel, showWholePhoto, TOOL_NAMES } from './stage-model.ts'

const text = strings.select
/** Log-odds; beyond it nothing but the clicks' own regions changes. */
const MAX_SHIFT = 4

/** Tools, history and view, beside the photo. */
export function Toolbar({ model }: { model: StageModel }) {
  const { selection } = model
  const empty = useComputed(() => isEmpty(selection.layer.value))
  return (
    <fieldset class="toolbar" aria-label={text.tools.label}>
      <div class="group">
        {TOOL_NAMES.map((name) => (
          <IconButton
            key={name}
            icon={name}
            label={text.tools[name]}
            pressed={model.tool.value === name}
            onClick={() => (model.tool.value = name)}
          />
        ))}
      </div>
      <fieldset class="segmented" aria-label={text.sign.label}>
        {([1, 0] as const).map((sign) => (
          <button
            key={sign}
            type="button"
            aria-pressed={model.sign.value === sign}
            onClick={() => (model.sign.value = sign)}
          >
            <span aria-hidden="true">{sign ? '+' : '−'}</span> {sign ? text.sign.add : text.sign.remove}
          </button>
        ))}
      </fieldset>
      <div class="group">
        <IconButton
          icon="undo"
          label={text.undo}
          disabled={!selection.canUndo.value}
          onClick={selection.undo}
        />
        <IconButton
          icon="redo"
          label={text.redo}
          disabled={!selection.canRedo.value}
          onClick={selection.redo}
        />
        <IconButton
          icon="less"
          label={text.removePoint}
          disabled={selection.layer.value.points.length === 0}
          onClick={() => removeMarked(model)}
        />
        <IconButton
          icon="clear"
          label={text.clear}
          disabled={empty.value}
          onClick={() =>
            selection.change((document) => changePrompts(document, { points: [], box: null, strokes: [] }))
          }
        />
      </div>
      <div class="group">
        <IconButton icon="plus" label={text.zoomIn} onClick={() => zoom(model, 1.5)} />
        <IconButton icon="minus" label={text.zoomOut} onClick={() => zoom(model, 1 / 1.5)} />
        <IconButton icon="fit" label={text.fit} onClick={() => showWholePhoto(model)} />
      </div>
    </fieldset>
  )
}

/** Suggestions and looks of the active object. */
export function Refine({ model }: { model: StageModel }) {
  const { selection } = model
  const layer = selection.layer.value
  const count = selection.suggestionCount.value
  const chosen = Math.min(layer.candidate, count - 1)
  const sliding = useOneStep(selection)
  return (
    <div class="refine">
      {count > 1 && (
        <fieldset class="segmented" aria-label={text.candidates}>
          {Array.from({ length: count }, (_, index) => (
            <button
              key={index}
              type="button"
              aria-label={text.candidate(index + 1, count)}
              aria-pressed={chosen === index}
              onClick={() =>
                selection.change((document) =>
                  changeActive(document, (each) => ({ ...each, candidate: index })),
                )
              }
            >
              {index + 1}
            </button>
          ))}
        </fieldset>
      )}
      <label class="tick">
        <input
          type="checkbox"
          checked={layer.inverted}
          disabled={count === 0}
          onChange={(event) => {
            const inverted = event.currentTarget.checked
            selection.change((document) => changeActive(document, (each) => ({ ...each, inverted })))
          }}
        />
        {text.invert}
      </label>
      <label class="slider">
        {text.threshold}
        <input
          type="range"
          min={-MAX_SHIFT}
          max={MAX_SHIFT}
          step="0.25"
          value={layer.shift ?? 0}
          disabled={count === 0}
          onInput={(event) => {
            const shift = Number(event.currentTarget.value)
            sliding.change((document) => changeActive(document, (each) => ({ ...each, shift })))
          }}
          onChange={sliding.end}
        />
      </label>
      <label class="slider">
        {text.opacity}
        <input
          type="range"
          min="0"
          max="0.8"
          step="0.05"
          value={model.tint.value}
          onInput={(event) => (model.tint.value = Number(event.currentTarget.value))}
        />
      </label>
      <label class="slider">
        {text.edge}
        <input
          type="range"
          min="0"
          max="4"
          step="0.5"
          value={model.edge.value}
          onInput={(event) => (model.edge.value = Number(event.currentTarget.value))}
        />
      </label>
      {model.tool.value === 'brush' && (
        <label class="slider">
          {text.brushSize}
          <input
            type="range"
            min="3"
            max="60"
            value={model.brushRadius.value}
            onInput={(event) => (model.brushRadius.value = Number(event.currentTarget.value))}
          />
        </label>
      )}
    </div>
  )
}
