import type { Signal } from '@preact/signals'
import { strings } from '../strings.ts'
import { IconButton } from '../ui/controls.tsx'
import type { ShownKind } from './scene.ts'

const text = strings.view
const BACKGROUNDS = ['page', 'light', 'dark', 'none'] as const
/** Of a splat's extent: whole, half, and as good as a point. */
const SPLAT_SCALES = [1, 0.5, 0.25] as const
export type Background = (typeof BACKGROUNDS)[number]

interface Props {
  kinds: readonly ShownKind[]
  kind: Signal<ShownKind>
  turning: Signal<boolean>
  wireframe: Signal<boolean>
  grid: Signal<boolean>
  lit: Signal<boolean>
  splatScale: Signal<number>
  /** Null where there is no photo to lay it over. */
  overPhoto: Signal<boolean> | null
  opacity: Signal<number>
  background: Signal<Background>
  ready: boolean
  onReset: () => void
  onPicture: () => void
  onFullscreen: () => void
}

/** What stands above the object. */
export function ViewerTools(props: Props) {
  const { kinds, kind, turning, wireframe, grid, lit, splatScale, overPhoto, opacity, background } = props
  const flip = (value: Signal<boolean>) => () => {
    value.value = !value.value
  }
  return (
    <fieldset class="toolbar" aria-label={text.tools}>
      {kinds.length > 1 && (
        <fieldset class="segmented" aria-label={text.show}>
          {kinds.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={kind.value === each}
              onClick={() => (kind.value = each)}
            >
              {text[each]}
            </button>
          ))}
        </fieldset>
      )}
      <div class="group">
        <IconButton icon="fit" label={text.reset} onClick={props.onReset} />
        <IconButton icon="turn" label={text.turn} pressed={turning.value} onClick={flip(turning)} />
        {kind.value === 'mesh' && (
          <IconButton icon="light" label={text.light} pressed={lit.value} onClick={flip(lit)} />
        )}
        {kind.value === 'mesh' && (
          <IconButton
            icon="mesh"
            label={text.wireframe}
            pressed={wireframe.value}
            onClick={flip(wireframe)}
          />
        )}
        <IconButton
          icon="grid"
          label={text.grid}
          pressed={grid.value}
          disabled={overPhoto?.value}
          onClick={flip(grid)}
        />
        {overPhoto && (
          <IconButton
            icon="photo"
            label={text.overPhoto}
            pressed={overPhoto.value}
            onClick={flip(overPhoto)}
          />
        )}
        <IconButton icon="camera" label={text.screenshot} disabled={!props.ready} onClick={props.onPicture} />
        {document.fullscreenEnabled && (
          <IconButton icon="full" label={text.fullscreen} onClick={props.onFullscreen} />
        )}
      </div>
      {kind.value === 'splat' && !overPhoto?.value && (
        <label class="choice">
          <span class="visually-hidden">{text.splatSize}</span>
          <select
            value={splatScale.value}
            onChange={(event) => (splatScale.value = Number(event.currentTarget.value))}
          >
            {SPLAT_SCALES.map((each, index) => (
              <option key={each} value={each}>
                {text.splatSizes[index]}
              </option>
            ))}
          </select>
        </label>
      )}
      {overPhoto?.value ? (
        <label class="choice">
          <span>{text.opacity}</span>
          <input
            type="range"
            min="0"
            max="1"
            step="0.05"
            value={opacity.value}
            onInput={(event) => (opacity.value = Number(event.currentTarget.value))}
          />
        </label>
      ) : (
        <label class="choice">
          <span class="visually-hidden">{text.background}</span>
          <select
            value={background.value}
            onChange={(event) => (background.value = event.currentTarget.value as Background)}
          >
            {BACKGROUNDS.map((each) => (
              <option key={each} value={each}>
                {text.backgrounds[each]}
              </option>
            ))}
          </select>
        </label>
      )}
    </fieldset>
  )
}
