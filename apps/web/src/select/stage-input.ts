/** Turns the browser's events on the stage into gestures of the tool in hand. */
import { strings } from '../strings.ts'
import { changePrompts, removePoint, toBox } from './document.ts'
import { type StageModel, showWholePhoto, type ToolName } from './stage-model.ts'
import { findPoint, type Gesture, panGesture, placePoint, TOOLS } from './tools.ts'
import { reveal, type Spot, toPixel, zoomAt } from './view-matrix.ts'

/** Over a point one is about to move it, CSS pixels. */
const REACH = 9
const KEY_ZOOM = 1.25
/** A notch of a wheel; trackpads send many small parts of it. CSS pixels. */
const NOTCH = 60
/** Crosshair steps, CSS pixels; with Shift one pixel of the photo. */
const KEY_STEP = 12
const TOOL_KEYS: Record<string, ToolName> = { v: 'point', b: 'box', p: 'brush', h: 'pan' }
const TEXT_INPUTS = new Set(['text', 'search', 'email', 'password'])
const ARROWS: Record<string, Spot> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
}

export function zoom(model: StageModel, factor: number, at?: Spot): void {
  const size = model.size.value
  const middle = at ?? { x: size.width / 2, y: size.height / 2 }
  model.view.value = zoomAt(model.view.value, factor, middle, model.photo, size)
  model.touched.value = true
}

/** Removes the marked point, or the last one; false where there is none. */
export function removeMarked(model: StageModel): boolean {
  const { points } = model.selection.layer.value
  const index = model.marked.value ?? points.length - 1
  model.marked.value = null
  if (index < 0 || index >= points.length) return false
  model.selection.change((document) => removePoint(document, index))
  return true
}

/** Listens on the canvas; returns how to stop. `say` speaks to screen readers. */
export function listenToStage(
  canvas: HTMLCanvasElement,
  model: StageModel,
  say: (text: string) => void,
): () => void {
  const stop = new AbortController()
  const fingers = new Map<number, Spot>()
  let gesture: Gesture | null = null
  let pinch: { distance: number; middle: Spot } | null = null
  let corner: Spot | null = null
  let rolled = 0

  const spotOf = (event: MouseEvent): Spot => {
    const box = canvas.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  /** Right button, Alt, or the other end of a pen take away. */
  const labelOf = (event: MouseEvent): 0 | 1 =>
    event.button === 2 || event.button === 5 || event.altKey ? 0 : model.sign.value

  function readPinch() {
    const [a, b] = [...fingers.values()]
    return { distance: Math.hypot(a.x - b.x, a.y - b.y), middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 } }
  }

  function down(event: PointerEvent): void {
    const at = spotOf(event)
    model.selection.hoverAt(null)
    fingers.set(event.pointerId, at)
    canvas.setPointerCapture(event.pointerId)
    model.crosshair.value = null
    if (fingers.size === 2) {
      gesture?.abandon()
      gesture = null
      pinch = readPinch()
    } else if (fingers.size === 1) {
      const touch = event.pointerType === 'touch'
      gesture =
        event.button === 1
          ? panGesture(model, at)
          : TOOLS[model.tool.value].begin(model, { at, label: labelOf(event), touch })
    }
  }

  function move(event: PointerEvent): void {
    const at = spotOf(event)
    model.pointer.value = event.pointerType === 'touch' ? null : at
    if (!fingers.has(event.pointerId)) {
      const pixel = event.pointerType === 'touch' ? null : toPixel(model.view.value, at, model.photo)
      const shown = pixel !== null && model.tool.value === 'point' && findPoint(model, at, REACH) < 0
      model.selection.hoverAt(shown ? { ...pixel, label: event.altKey ? 0 : model.sign.value } : null)
      return
    }
    fingers.set(event.pointerId, at)
    if (pinch && fingers.size === 2) {
      const now = readPinch()
      panGesture(model, pinch.middle).move(now.middle)
      zoom(model, now.distance / Math.max(1, pinch.distance), now.middle)
      pinch = now
    } else {
      gesture?.move(at)
    }
  }

  function leave(): void {
    model.pointer.value = null
    model.selection.hoverAt(null)
  }

  function up(event: PointerEvent): void {
    if (!fingers.delete(event.pointerId)) return
    if (fingers.size < 2) pinch = null
    if (event.type === 'pointercancel') gesture?.abandon()
    else gesture?.end(spotOf(event))
    gesture = null
  }

  function wheel(event: WheelEvent): void {
    const count = model.selection.suggestionCount.value
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault()
      zoom(model, Math.exp(-event.deltaY * (event.deltaMode === 0 ? 0.0025 : 0.08)), spotOf(event))
    } else if (count > 1) {
      event.preventDefault()
      rolled += event.deltaMode === 0 ? event.deltaY : Math.sign(event.deltaY) * NOTCH
      if (Math.abs(rolled) < NOTCH) return
      model.selection.cycle(Math.sign(rolled))
      rolled = 0
    }
  }

  function moveCrosshair(arrow: Spot, fine: boolean): void {
    const { photo, view, size } = model
    const step = fine ? 1 : Math.max(1, Math.round(KEY_STEP / view.value.scale))
    const from = model.crosshair.value ?? { x: photo.width >> 1, y: photo.height >> 1 }
    const to = {
      x: Math.min(photo.width - 1, Math.max(0, from.x + arrow.x * step)),
      y: Math.min(photo.height - 1, Math.max(0, from.y + arrow.y * step)),
    }
    model.crosshair.value = to
    model.view.value = reveal(view.value, to, size.value)
    say(strings.select.cursor(to.x, to.y))
  }

  function place(label: 0 | 1): void {
    const at = model.crosshair.value ?? { x: model.photo.width >> 1, y: model.photo.height >> 1 }
    model.crosshair.value = at
    placePoint(model, at, label)
    say(label ? strings.select.added(at.x, at.y) : strings.select.removed(at.x, at.y))
  }

  function remove(): void {
    if (removeMarked(model)) say(strings.select.pointRemoved)
  }

  /** The crosshair's box: B at one corner, B at the other. Without a crosshair B only takes the tool. */
  function setCorner(): void {
    const at = model.crosshair.value
    model.tool.value = 'box'
    if (!at) return
    if (corner) {
      const box = toBox(corner, at)
      corner = null
      model.rubberBox.value = null
      model.selection.change((document) => changePrompts(document, { box }))
      say(strings.select.boxed)
    } else {
      corner = at
      model.rubberBox.value = toBox(at, at)
      say(strings.select.corner(at.x, at.y))
    }
  }

  function letGo(): void {
    gesture?.abandon()
    gesture = null
    corner = null
    model.rubberBox.value = null
    model.marked.value = null
  }

  function key(event: KeyboardEvent): void {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const actions: Record<string, () => void> = {
      Enter: () => place(model.sign.value),
      '+': () => place(1),
      '=': () => place(1),
      '-': () => place(0),
      Delete: remove,
      Backspace: remove,
      Escape: letGo,
      '[': () => model.selection.cycle(-1),
      ']': () => model.selection.cycle(1),
      i: () => zoom(model, KEY_ZOOM, undefined),
      o: () => zoom(model, 1 / KEY_ZOOM, undefined),
      '0': () => showWholePhoto(model),
      b: setCorner,
    }
    const arrow = ARROWS[name]
    const action = arrow ? () => moveCrosshair(arrow, event.shiftKey) : actions[name]
    if (action) {
      event.preventDefault()
      action()
      if (corner && arrow && model.crosshair.value)
        model.rubberBox.value = toBox(corner, model.crosshair.value)
    } else if (TOOL_KEYS[name]) {
      event.preventDefault()
      model.tool.value = TOOL_KEYS[name]
    }
  }

  /** Wherever on the screen the focus is, as in any editor; a line of text has an undo of its own. */
  function historyKey(event: KeyboardEvent): void {
    const name = event.key.toLowerCase()
    if (!(event.ctrlKey || event.metaKey) || (name !== 'z' && name !== 'y')) return
    const { target } = event
    if (target instanceof HTMLInputElement && TEXT_INPUTS.has(target.type)) return
    event.preventDefault()
    if (name === 'y' || event.shiftKey) model.selection.redo()
    else model.selection.undo()
  }

  const on = { signal: stop.signal }
  canvas.addEventListener('pointerdown', down, on)
  canvas.addEventListener('pointermove', move, on)
  canvas.addEventListener('pointerup', up, on)
  canvas.addEventListener('pointercancel', up, on)
  canvas.addEventListener('pointerleave', leave, on)
  canvas.addEventListener('contextmenu', (event) => event.preventDefault(), on)
  canvas.addEventListener('wheel', wheel, { ...on, passive: false })
  canvas.addEventListener('keydown', key, on)
  addEventListener('keydown', historyKey, on)
  return () => {
    gesture?.abandon()
    stop.abort()
  }
}
