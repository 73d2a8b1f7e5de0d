/** The tools of the stage. One gesture at a time: `begin` gives what follows the pointer until it is lifted. */
import type { StrokePrompt } from '@gen3d/shared/prompts'
import { activeLayer, addPoint, changePrompts, movePoint, toBox } from './document.ts'
import type { StageModel, ToolName } from './stage-model.ts'
import { pan, type Spot, toNearestPixel, toPixel, toScreen } from './view-matrix.ts'

interface Press {
  /** CSS pixels of the stage. */
  readonly at: Spot
  /** 1 adds to the object, 0 takes away. */
  readonly label: 0 | 1
  readonly touch: boolean
}

export interface Gesture {
  move(at: Spot): void
  end(at: Spot): void
  /** Undoes what was only shown: a second finger came, or Escape. */
  abandon(): void
}

export interface Tool {
  readonly cursor: string
  begin(model: StageModel, press: Press): Gesture
}

/** CSS pixels that a hand moves without meaning it. */
const SLIP = { mouse: 4, touch: 10 }
const REACH = { mouse: 9, touch: 20 }

function distance(a: Spot, b: Spot): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}

/** Index of the placed point under a spot of the stage, the newest first, or -1. */
export function findPoint(model: StageModel, at: Spot, reach: number): number {
  const { points } = model.selection.layer.value
  return points.findLastIndex(
    (point) => distance(toScreen(model.view.value, { x: point.x + 0.5, y: point.y + 0.5 }), at) <= reach,
  )
}

export function placePoint(model: StageModel, pixel: Spot, label: 0 | 1): void {
  model.marked.value = null
  model.selection.change((document) => addPoint(document, { ...pixel, label }))
}

export function panGesture(model: StageModel, from: Spot): Gesture {
  let last = from
  return {
    move(at) {
      model.view.value = pan(model.view.value, at.x - last.x, at.y - last.y, model.photo, model.size.value)
      model.touched.value = true
      last = at
    },
    end() {},
    abandon() {},
  }
}

function movePointGesture(model: StageModel, index: number, press: Press): Gesture {
  let moving = false
  const before = activeLayer(model.selection.document.value).points[index]
  const moveTo = (spot: Spot) => {
    const pixel = toNearestPixel(model.view.value, spot, model.photo)
    // One step of undo for the whole drag.
    const step = moving ? model.selection.amend : model.selection.change
    moving = true
    step((document) => movePoint(document, index, pixel.x, pixel.y))
  }
  return {
    move(at) {
      if (moving || distance(at, press.at) > SLIP[press.touch ? 'touch' : 'mouse']) moveTo(at)
    },
    end() {
      model.marked.value = index
    },
    abandon() {
      if (moving) model.selection.amend((document) => movePoint(document, index, before.x, before.y))
    },
  }
}

const pointTool: Tool = {
  cursor: 'crosshair',
  begin(model, press) {
    const kind = press.touch ? 'touch' : 'mouse'
    const hit = findPoint(model, press.at, REACH[kind])
    if (hit >= 0) return movePointGesture(model, hit, press)
    let moving: Gesture | null = null
    return {
      move(at) {
        if (!moving && distance(at, press.at) > SLIP[kind]) moving = panGesture(model, press.at)
        moving?.move(at)
      },
      end() {
        const pixel = toPixel(model.view.value, press.at, model.photo)
        if (!moving && pixel) placePoint(model, pixel, press.label)
      },
      abandon() {},
    }
  },
}

const boxTool: Tool = {
  cursor: 'crosshair',
  begin(model, press) {
    const from = toNearestPixel(model.view.value, press.at, model.photo)
    const boxTo = (at: Spot) => toBox(from, toNearestPixel(model.view.value, at, model.photo))
    return {
      move(at) {
        model.rubberBox.value = boxTo(at)
      },
      end(at) {
        model.rubberBox.value = null
        if (distance(at, press.at) > SLIP[press.touch ? 'touch' : 'mouse']) {
          model.selection.change((document) => changePrompts(document, { box: boxTo(at) }))
          return
        }
        const pixel = toPixel(model.view.value, press.at, model.photo)
        if (pixel) placePoint(model, pixel, press.label)
      },
      abandon() {
        model.rubberBox.value = null
      },
    }
  },
}

const brushTool: Tool = {
  cursor: 'none',
  begin(model, press) {
    const radius = Math.max(1, Math.round(model.brushRadius.value / model.view.value.scale))
    const points: [number, number][] = []
    const paint = (at: Spot) => {
      const { x, y } = toNearestPixel(model.view.value, at, model.photo)
      const last = points.at(-1)
      if (last && Math.hypot(x - last[0], y - last[1]) < Math.max(1, radius / 3)) return
      points.push([x, y])
      model.rubberStroke.value = stroke()
    }
    const stroke = (): StrokePrompt => ({ radius, label: press.label, points: [...points] })
    paint(press.at)
    return {
      move: paint,
      end() {
        model.rubberStroke.value = null
        model.selection.change((document) =>
          changePrompts(document, { strokes: [...activeLayer(document).strokes, stroke()] }),
        )
      },
      abandon() {
        model.rubberStroke.value = null
      },
    }
  },
}

const panTool: Tool = { cursor: 'grab', begin: (model, press) => panGesture(model, press.at) }

export const TOOLS: Record<ToolName, Tool> = {
  point: pointTool,
  box: boxTool,
  brush: brushTool,
  pan: panTool,
}
