import { effect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { formatShare } from '../ui/format.ts'
import { type Ground, paintStage } from './painter.ts'
import { listenToStage } from './stage-input.ts'
import { type StageModel, showWholePhoto } from './stage-model.ts'
import { TOOLS } from './tools.ts'

const text = strings.select

/** The photo with the selection on it. Draws only when something has changed. */
export function Stage({ model }: { model: StageModel }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const { say } = useStore()

  useEffect(() => {
    const element = canvas.current
    const context = element?.getContext('2d')
    if (!element || !context) return
    let frame = 0
    const ground: Ground = { canvas: document.createElement('canvas'), shown: [] }
    const paint = () => {
      frame = 0
      const ratio = Math.min(3, devicePixelRatio || 1)
      const { width, height } = model.size.value
      const [w, h] = [Math.round(width * ratio), Math.round(height * ratio)]
      if (element.width !== w || element.height !== h) {
        element.width = w
        element.height = h
      }
      paintStage(context, ground, model, ratio)
      // For measuring from outside: the time from the last change of the prompts to its suggestions.
      element.dataset.decodeMs = String(Math.round(model.selection.decodeMs.peek() ?? 0))
    }
    const stopPainting = effect(() => {
      // Whatever is shown is read here, so that a change of it asks for one new picture.
      void [
        model.size.value,
        model.view.value,
        model.selection.chosen.value,
        model.selection.layer.value,
        model.selection.hover.value,
        model.tool.value,
        model.tint.value,
        model.edge.value,
        model.brushRadius.value,
        model.crosshair.value,
        model.rubberBox.value,
        model.rubberStroke.value,
        model.marked.value,
        model.tool.value === 'brush' && model.pointer.value,
      ]
      element.style.cursor = TOOLS[model.tool.value].cursor
      frame ||= requestAnimationFrame(paint)
    })
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element
      if (width < 2 || height < 2) return
      model.size.value = { width, height }
      if (!model.touched.value) showWholePhoto(model)
    })
    observer.observe(element)
    const stopListening = listenToStage(element, model, say)
    return () => {
      stopPainting()
      stopListening()
      observer.disconnect()
      cancelAnimationFrame(frame)
    }
  }, [model, say])

  useEffect(
    () =>
      effect(() => {
        const [first] = model.selection.chosen.value.filter(
          ({ layer }) => layer.id === model.selection.layer.value.id,
        )
        if (first) {
          const { share } = first.suggestion
          say(text.selected(formatShare(first.layer.inverted ? 1 - share : share)))
        }
      }),
    [model, say],
  )

  return (
    <>
      {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: what is drawn is worked on by keys and pointer */}
      <canvas
        ref={canvas}
        class="stage"
        tabIndex={0}
        role="application"
        aria-label={text.stage}
        aria-describedby="stage-keys"
        data-testid="stage"
      />
      <p id="stage-keys" class="visually-hidden">
        {text.stageKeys}
      </p>
    </>
  )
}
