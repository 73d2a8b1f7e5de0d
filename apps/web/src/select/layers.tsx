import { MAX_NAME_LENGTH } from '@gen3d/shared/limits'
import { strings } from '../strings.ts'
import { IconButton } from '../ui/controls.tsx'
import { formatShare } from '../ui/format.ts'
import { addLayer, removeLayer, renameLayer } from './document.ts'
import { layerColour } from './layer-colours.ts'
import { useOneStep } from './one-step.ts'
import type { Selection } from './selection.ts'

const text = strings.select

/** The objects of this photo, at most `most`: each a selection of its own, with a name and a colour. */
export function Layers({ selection, most }: { selection: Selection; most: number }) {
  const { layers, active } = selection.document.value
  const naming = useOneStep(selection)
  const shares = new Map(
    selection.chosen.value.map(({ layer, suggestion }) => [
      layer.id,
      layer.inverted ? 1 - suggestion.share : suggestion.share,
    ]),
  )
  return (
    <fieldset class="layers">
      <legend>{text.layers}</legend>
      <ul>
        {layers.map((layer) => {
          const share = shares.get(layer.id)
          return (
            <li key={layer.id} class={layer.id === active ? 'active' : ''}>
              <input
                type="radio"
                name="layer"
                aria-label={text.chooseLayer(layer.name)}
                checked={layer.id === active}
                onChange={() => selection.amend((document) => ({ ...document, active: layer.id }))}
              />
              <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
                <circle cx="5" cy="5" r="4.500" fill={layerColour(layer.id)} />
              </svg>
              <input
                class="plain"
                aria-label={text.rename}
                value={layer.name}
                maxLength={MAX_NAME_LENGTH}
                onInput={(event) => {
                  const { value } = event.currentTarget
                  naming.change((document) => renameLayer(document, layer.id, value))
                }}
                onBlur={naming.end}
              />
              <span class="hint">{share === undefined ? text.layerEmpty : formatShare(share)}</span>
              {layers.length > 1 && (
                <IconButton
                  icon="clear"
                  label={text.removeLayer(layer.name)}
                  onClick={() => selection.change((document) => removeLayer(document, layer.id))}
                />
              )}
            </li>
          )
        })}
      </ul>
      {layers.length < most && (
        <button
          type="button"
          class="quiet"
          onClick={() => selection.change((document) => addLayer(document, text.layerName))}
        >
          + {text.addLayer}
        </button>
      )}
    </fieldset>
  )
}
