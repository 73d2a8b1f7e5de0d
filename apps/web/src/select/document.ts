/** What a person has selected so far: layers (one object each) of prompts. A value; every change gives a new one. */
import { MAX_NAME_LENGTH, MAX_OBJECTS } from '@gen3d/shared/limits'
import type { BoxPrompt, PointPrompt, StrokePrompt } from '@gen3d/shared/prompts'
import type { MaskChoice, Question } from './decoder-protocol.ts'

export interface Layer {
  readonly id: string
  readonly name: string
  readonly points: readonly PointPrompt[]
  readonly box: BoxPrompt | null
  readonly strokes: readonly StrokePrompt[]
  /** Which of the decoder's suggestions is used. */
  readonly candidate: number
  readonly inverted: boolean
  /** Moves the mask's threshold, log-odds: 0 as the decoder thinks best, above 0 tighter. Absent in old drafts. */
  readonly shift?: number
}

export interface SelectionDocument {
  readonly layers: readonly Layer[]
  readonly active: string
}

function newLayer(id: string, name: string): Layer {
  return { id, name, points: [], box: null, strokes: [], candidate: 0, inverted: false }
}

export function newDocument(name: string): SelectionDocument {
  return { layers: [newLayer('1', name)], active: '1' }
}

export function activeLayer(document: SelectionDocument): Layer {
  return document.layers.find((layer) => layer.id === document.active) ?? document.layers[0]
}

export function changeActive(
  document: SelectionDocument,
  change: (layer: Layer) => Layer,
): SelectionDocument {
  const { id } = activeLayer(document)
  return { ...document, layers: document.layers.map((layer) => (layer.id === id ? change(layer) : layer)) }
}

/** Fresh prompts start from the decoder's first suggestion again. */
export function changePrompts(
  document: SelectionDocument,
  prompts: Partial<Pick<Layer, 'points' | 'box' | 'strokes'>>,
): SelectionDocument {
  return changeActive(document, (layer) => ({ ...layer, ...prompts, candidate: 0 }))
}

export function addPoint(document: SelectionDocument, point: PointPrompt): SelectionDocument {
  return changePrompts(document, { points: [...activeLayer(document).points, point] })
}

export function movePoint(
  document: SelectionDocument,
  index: number,
  x: number,
  y: number,
): SelectionDocument {
  const points = activeLayer(document).points.map((point, i) => (i === index ? { ...point, x, y } : point))
  return changePrompts(document, { points })
}

export function removePoint(document: SelectionDocument, index: number): SelectionDocument {
  return changePrompts(document, { points: activeLayer(document).points.filter((_, i) => i !== index) })
}

/** A box of two corners in any order. */
export function toBox(a: { x: number; y: number }, b: { x: number; y: number }): BoxPrompt {
  return [Math.min(a.x, b.x), Math.min(a.y, b.y), Math.max(a.x, b.x), Math.max(a.y, b.y)]
}

/** Returns the same document when there are as many objects as a job may have. */
export function addLayer(document: SelectionDocument, name: (index: number) => string): SelectionDocument {
  if (document.layers.length >= MAX_OBJECTS) return document
  const id = String(Math.max(...document.layers.map((layer) => Number(layer.id))) + 1)
  return { layers: [...document.layers, newLayer(id, name(Number(id)))], active: id }
}

/**
 * What was found elsewhere, as a box in photo pixels: into the active object where that is empty, else into a new one.
 * The same document where there is no room for one more. `layerName` names a new one that nobody named.
 */
export function takeFound(
  document: SelectionDocument,
  found: { readonly box: BoxPrompt; readonly name: string },
  most: number,
  layerName: (index: number) => string,
): SelectionDocument {
  const here = isEmpty(activeLayer(document))
  if (!here && document.layers.length >= most) return document
  const filled = changePrompts(here ? document : addLayer(document, layerName), { box: found.box })
  return found.name ? renameLayer(filled, filled.active, found.name) : filled
}

export function removeLayer(document: SelectionDocument, id: string): SelectionDocument {
  if (document.layers.length < 2) return document
  const layers = document.layers.filter((layer) => layer.id !== id)
  return { layers, active: document.active === id ? layers[0].id : document.active }
}

export function renameLayer(document: SelectionDocument, id: string, name: string): SelectionDocument {
  const short = name.slice(0, MAX_NAME_LENGTH)
  return {
    ...document,
    layers: document.layers.map((layer) => (layer.id === id ? { ...layer, name: short } : layer)),
  }
}

export function isEmpty(layer: Layer): boolean {
  return layer.points.length === 0 && layer.box === null && layer.strokes.length === 0
}

export function toQuestion(layer: Layer): Question {
  return {
    prompts: { points: layer.points, box: layer.box, strokes: layer.strokes },
    shift: layer.shift ?? 0,
  }
}

export function toChoice(layer: Layer): MaskChoice {
  return { ...toQuestion(layer), candidate: layer.candidate, inverted: layer.inverted }
}

/** Names what the decoder is asked: layers with one key have the same suggestions. */
export function promptsKey(layer: Layer): string {
  return JSON.stringify([layer.points, layer.box, layer.strokes, layer.shift ?? 0])
}
