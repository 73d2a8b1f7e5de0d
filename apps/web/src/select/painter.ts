/** Draws the stage: photo, tint and crisp border of each selection, points, boxes, strokes, crosshair. */
import type { StrokePrompt } from '@gen3d/shared/prompts'
import { layerColour } from './layer-colours.ts'
import { addToPath } from './outline.ts'
import type { StageModel } from './stage-model.ts'
import { type Spot, toScreen } from './view-matrix.ts'

const paths = new WeakMap<Int32Array, Path2D>()

function toPath(outline: Int32Array<ArrayBuffer>): Path2D {
  let path = paths.get(outline)
  if (!path) {
    path = new Path2D()
    addToPath(outline, path)
    paths.set(outline, path)
  }
  return path
}

/** What lies under everything that moves with the pointer; painted again only when it has changed. */
export interface Ground {
  readonly canvas: HTMLCanvasElement
  shown: readonly unknown[]
}

/** `ratio`: device pixels per CSS pixel. */
export function paintStage(
  context: CanvasRenderingContext2D,
  ground: Ground,
  model: StageModel,
  ratio: number,
): void {
  const view = model.view.value
  const { selection } = model
  paintGround(ground, context.canvas, model, ratio)
  context.setTransform(1, 0, 0, 1, 0, 0)
  context.clearRect(0, 0, context.canvas.width, context.canvas.height)
  context.drawImage(ground.canvas, 0, 0)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)

  context.save()
  context.translate(view.x, view.y)
  context.scale(view.scale, view.scale)
  if (selection.hover.value) paintHover(context, toPath(selection.hover.value.outline), view.scale)
  const { rubberStroke } = model
  if (rubberStroke.value) paintStroke(context, rubberStroke.value, layerColour(selection.layer.value.id))
  context.restore()

  paintBox(context, model)
  paintPoints(context, model)
  if (model.tool.value === 'brush' && model.pointer.value)
    ring(context, model.pointer.value, model.brushRadius.value)
  if (model.crosshair.value) paintCrosshair(context, model, model.crosshair.value)
}

/** The photo with its selections: the border of a large photo takes longer to draw than all the rest. */
function paintGround(
  ground: Ground,
  { width, height }: HTMLCanvasElement,
  model: StageModel,
  ratio: number,
): void {
  const { selection, photo, bitmap } = model
  const view = model.view.value
  const chosen = selection.chosen.value
  const active = selection.layer.value.id
  const shown = [width, height, ratio, view, bitmap, chosen, active, model.tint.value, model.edge.value]
  if (shown.length === ground.shown.length && shown.every((what, i) => what === ground.shown[i])) return
  ground.shown = shown
  ground.canvas.width = width
  ground.canvas.height = height
  const context = ground.canvas.getContext('2d')
  if (!context) return
  context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.x, ratio * view.y)
  // Whoever zooms in wants to see pixels.
  context.imageSmoothingEnabled = view.scale < 3
  context.drawImage(bitmap, 0, 0, photo.width, photo.height)
  for (const { layer, suggestion } of chosen) {
    const isActive = layer.id === active
    const path = layer.inverted ? invert(toPath(suggestion.outline), photo) : toPath(suggestion.outline)
    context.fillStyle = layerColour(layer.id)
    context.globalAlpha = model.tint.value * (isActive ? 1 : 0.55)
    context.fill(path, 'evenodd')
    if (model.edge.value === 0) continue
    context.globalAlpha = isActive ? 1 : 0.6
    context.lineJoin = 'round'
    context.strokeStyle = 'rgb(0 0 0 / 65%)'
    context.lineWidth = (model.edge.value + 2) / view.scale
    context.stroke(path)
    context.strokeStyle = layerColour(layer.id)
    context.lineWidth = model.edge.value / view.scale
    context.stroke(path)
  }
}

/** A promise, not a selection: a thin line without a tint. */
function paintHover(context: CanvasRenderingContext2D, path: Path2D, scale: number): void {
  context.lineWidth = 3 / scale
  context.strokeStyle = 'rgb(0 0 0 / 35%)'
  context.stroke(path)
  context.lineWidth = 1.25 / scale
  context.setLineDash([5 / scale, 4 / scale])
  context.strokeStyle = '#ffffff'
  context.stroke(path)
  context.setLineDash([])
}

function invert(path: Path2D, photo: { width: number; height: number }): Path2D {
  const all = new Path2D()
  all.rect(0, 0, photo.width, photo.height)
  all.addPath(path)
  return all
}

function paintStroke(context: CanvasRenderingContext2D, stroke: StrokePrompt, colour: string): void {
  context.strokeStyle = stroke.label ? colour : '#ff5d5d'
  context.globalAlpha = 0.6
  context.lineWidth = stroke.radius * 2
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.beginPath()
  for (const [x, y] of stroke.points) context.lineTo(x + 0.5, y + 0.5)
  const [x, y] = stroke.points[0]
  if (stroke.points.length === 1) context.lineTo(x + 0.51, y + 0.5)
  context.stroke()
  context.globalAlpha = 1
}

function paintBox(context: CanvasRenderingContext2D, model: StageModel): void {
  const box = model.rubberBox.value ?? model.selection.layer.value.box
  if (!box) return
  const from = toScreen(model.view.value, { x: box[0], y: box[1] })
  const to = toScreen(model.view.value, { x: box[2] + 1, y: box[3] + 1 })
  context.setLineDash([6, 4])
  twice(context, () => context.strokeRect(from.x, from.y, to.x - from.x, to.y - from.y))
  context.setLineDash([])
}

/** A light line on a dark one is seen on every photo. */
function twice(context: CanvasRenderingContext2D, stroke: () => void): void {
  context.lineWidth = 3
  context.strokeStyle = 'rgb(0 0 0 / 55%)'
  stroke()
  context.lineWidth = 1.5
  context.strokeStyle = '#ffffff'
  stroke()
}

function ring(context: CanvasRenderingContext2D, at: Spot, radius: number): void {
  context.beginPath()
  context.arc(at.x, at.y, radius, 0, 2 * Math.PI)
  twice(context, () => context.stroke())
}

function paintPoints(context: CanvasRenderingContext2D, model: StageModel): void {
  const layer = model.selection.layer.value
  layer.points.forEach((point, index) => {
    const at = toScreen(model.view.value, { x: point.x + 0.5, y: point.y + 0.5 })
    context.beginPath()
    context.arc(at.x, at.y, 7, 0, 2 * Math.PI)
    context.fillStyle = point.label ? '#0c6a5b' : '#a3301f'
    context.fill()
    context.lineWidth = 2
    context.strokeStyle = '#ffffff'
    context.stroke()
    context.beginPath()
    context.moveTo(at.x - 3.5, at.y)
    context.lineTo(at.x + 3.5, at.y)
    if (point.label) {
      context.moveTo(at.x, at.y - 3.5)
      context.lineTo(at.x, at.y + 3.5)
    }
    context.stroke()
    if (model.marked.value === index) ring(context, at, 11)
  })
}

function paintCrosshair(context: CanvasRenderingContext2D, model: StageModel, pixel: Spot): void {
  const at = toScreen(model.view.value, { x: pixel.x + 0.5, y: pixel.y + 0.5 })
  context.beginPath()
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ]) {
    context.moveTo(at.x + dx * 5, at.y + dy * 5)
    context.lineTo(at.x + dx * 18, at.y + dy * 18)
  }
  twice(context, () => context.stroke())
}
