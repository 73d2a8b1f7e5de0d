/** What the stage shows besides the selection itself: where the photo lies, which tool is in hand, what is being drawn. */
import type { BoxPrompt, StrokePrompt } from '@gen3d/shared/prompts'
import { type Signal, signal } from '@preact/signals'
import type { Selection } from './selection.ts'
import { fitView, type Size, type Spot, type View } from './view-matrix.ts'

export const TOOL_NAMES = ['point', 'box', 'brush', 'pan'] as const
export type ToolName = (typeof TOOL_NAMES)[number]

export interface StageModel {
  readonly selection: Selection
  readonly photo: Size
  readonly bitmap: ImageBitmap
  readonly size: Signal<Size>
  readonly view: Signal<View>
  readonly tool: Signal<ToolName>
  /** What a plain click does; for fingers, which have no right button. */
  readonly sign: Signal<0 | 1>
  /** CSS pixels. */
  readonly brushRadius: Signal<number>
  readonly tint: Signal<number>
  /** Width of the border that is drawn round a selection, CSS pixels; 0 shows none. */
  readonly edge: Signal<number>
  /** The keyboard's crosshair, a pixel of the photo; null until the keyboard is used. */
  readonly crosshair: Signal<Spot | null>
  /** Where the mouse is, for the brush's ring; CSS pixels of the stage. */
  readonly pointer: Signal<Spot | null>
  readonly rubberBox: Signal<BoxPrompt | null>
  readonly rubberStroke: Signal<StrokePrompt | null>
  /** Index of the point that Delete removes. */
  readonly marked: Signal<number | null>
  /** Whether the person has moved the view, so that a new size of the stage must not. */
  readonly touched: Signal<boolean>
}

export function createStageModel(selection: Selection, bitmap: ImageBitmap): StageModel {
  const photo = { width: bitmap.width, height: bitmap.height }
  const size = { width: 640, height: 480 }
  return {
    selection,
    photo,
    bitmap,
    size: signal(size),
    view: signal(fitView(photo, size)),
    tool: signal<ToolName>('point'),
    sign: signal<0 | 1>(1),
    brushRadius: signal(14),
    tint: signal(0.35),
    edge: signal(1.5),
    crosshair: signal<Spot | null>(null),
    pointer: signal<Spot | null>(null),
    rubberBox: signal<BoxPrompt | null>(null),
    rubberStroke: signal<StrokePrompt | null>(null),
    marked: signal<number | null>(null),
    touched: signal(false),
  }
}

export function showWholePhoto(model: StageModel): void {
  model.view.value = fitView(model.photo, model.size.value)
  model.touched.value = false
}
