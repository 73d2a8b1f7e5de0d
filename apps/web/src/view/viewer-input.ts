/** Hands on the viewer: drag turns, with Shift or the right button slides, wheel and pinch come closer, keys do it all. */
import type { Signal } from '@preact/signals'
import { approach, type Orbit, slide, turn } from './orbit.ts'

export interface ViewerControls {
  readonly orbit: Signal<Orbit>
  readonly radius: () => number
  reset(): void
  /** Brings a spot of the canvas (CSS pixels) into the middle; beside the object, resets. */
  focusAt(x: number, y: number): void
  /** The person takes the view in hand. */
  onTouch(): void
}

const TURN_PER_PIXEL = 0.008
const KEY_TURN = 0.12

export function listenToViewer(canvas: HTMLCanvasElement, controls: ViewerControls): () => void {
  const stop = new AbortController()
  const on = { signal: stop.signal }
  const fingers = new Map<number, { x: number; y: number }>()
  let sliding = false
  const change = (step: (orbit: Orbit) => Orbit) => {
    controls.onTouch()
    controls.orbit.value = step(controls.orbit.value)
  }
  const slidePixels = (dx: number, dy: number) =>
    change((orbit) => slide(orbit, dx / canvas.clientHeight, dy / canvas.clientHeight))

  canvas.addEventListener(
    'pointerdown',
    (event) => {
      canvas.setPointerCapture(event.pointerId)
      fingers.set(event.pointerId, { x: event.clientX, y: event.clientY })
      sliding = event.shiftKey || event.button !== 0
    },
    on,
  )
  canvas.addEventListener(
    'pointermove',
    (event) => {
      const before = fingers.get(event.pointerId)
      if (!before) return
      const now = { x: event.clientX, y: event.clientY }
      const [dx, dy] = [now.x - before.x, now.y - before.y]
      const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1]
      if (other) {
        const distance = (a: typeof now) => Math.max(1, Math.hypot(a.x - other.x, a.y - other.y))
        change((orbit) => approach(orbit, distance(before) / distance(now), controls.radius()))
        slidePixels(dx / 2, dy / 2)
      } else if (sliding) slidePixels(dx, dy)
      else change((orbit) => turn(orbit, dx * TURN_PER_PIXEL, dy * TURN_PER_PIXEL))
      fingers.set(event.pointerId, now)
    },
    on,
  )
  for (const name of ['pointerup', 'pointercancel'] as const) {
    canvas.addEventListener(name, (event) => fingers.delete(event.pointerId), on)
  }
  canvas.addEventListener('contextmenu', (event) => event.preventDefault(), on)
  canvas.addEventListener('dblclick', (event) => controls.focusAt(event.offsetX, event.offsetY), on)
  canvas.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault()
      const pixels = event.deltaMode === 0 ? event.deltaY : event.deltaY * 30
      change((orbit) => approach(orbit, Math.exp(pixels * 0.0015), controls.radius()))
    },
    { ...on, passive: false },
  )
  canvas.addEventListener(
    'keydown',
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return
      const steps: Record<string, () => void> = {
        ArrowLeft: () =>
          event.shiftKey ? slidePixels(-24, 0) : change((orbit) => turn(orbit, -KEY_TURN, 0)),
        ArrowRight: () => (event.shiftKey ? slidePixels(24, 0) : change((orbit) => turn(orbit, KEY_TURN, 0))),
        ArrowUp: () => (event.shiftKey ? slidePixels(0, -24) : change((orbit) => turn(orbit, 0, -KEY_TURN))),
        ArrowDown: () => (event.shiftKey ? slidePixels(0, 24) : change((orbit) => turn(orbit, 0, KEY_TURN))),
        '+': () => change((orbit) => approach(orbit, 0.85, controls.radius())),
        '=': () => change((orbit) => approach(orbit, 0.85, controls.radius())),
        '-': () => change((orbit) => approach(orbit, 1 / 0.85, controls.radius())),
        '0': controls.reset,
      }
      const step = steps[event.key]
      if (!step) return
      event.preventDefault()
      step()
    },
    on,
  )
  return () => stop.abort()
}
