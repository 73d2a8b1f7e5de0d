import { describe, expect, it } from 'vitest'
import {
  activeLayer,
  addLayer,
  addPoint,
  changeActive,
  isEmpty,
  newDocument,
  promptsKey,
  removeLayer,
  removePoint,
  takeFound,
  toBox,
} from './document.ts'
import { record, redo, startHistory, undo } from './history.ts'

const start = newDocument('Object 1')

describe('a selection', () => {
  it('starts with one empty object', () => {
    expect(start.layers).toHaveLength(1)
    expect(isEmpty(activeLayer(start))).toBe(true)
  })

  it('goes back to the first suggestion when its prompts change', () => {
    const chosen = changeActive(addPoint(start, { x: 1, y: 2, label: 1 }), (layer) => ({
      ...layer,
      candidate: 2,
    }))
    expect(activeLayer(addPoint(chosen, { x: 3, y: 4, label: 0 })).candidate).toBe(0)
  })

  it('has at most as many objects as a job takes', () => {
    let document = start
    for (let i = 0; i < 20; i++) document = addLayer(document, (index) => `Object ${index}`)
    expect(document.layers).toHaveLength(8)
    expect(new Set(document.layers.map((layer) => layer.id)).size).toBe(8)
  })

  it('keeps its last object', () => {
    expect(removeLayer(start, '1')).toBe(start)
    const two = addLayer(start, String)
    expect(removeLayer(two, two.active).active).toBe('1')
  })

  it('puts what was found into the empty object, then into new ones, as long as there is room', () => {
    const box = [1, 2, 30, 40] as const
    const one = takeFound(start, { box, name: 'duck' }, 2, String)
    expect(one.layers).toMatchObject([{ name: 'duck', box }])
    const two = takeFound(one, { box: [5, 5, 9, 9], name: 'ball' }, 2, String)
    expect(two.layers.map((layer) => layer.name)).toEqual(['duck', 'ball'])
    expect(activeLayer(two).box).toEqual([5, 5, 9, 9])
    expect(takeFound(two, { box, name: 'cup' }, 2, String)).toBe(two)
  })

  it('makes a box of two corners in any order', () => {
    expect(toBox({ x: 9, y: 1 }, { x: 2, y: 5 })).toEqual([2, 1, 9, 5])
  })

  it('knows equal prompts by their key', () => {
    const once = addPoint(start, { x: 1, y: 2, label: 1 })
    const back = removePoint(addPoint(once, { x: 5, y: 5, label: 0 }), 1)
    expect(promptsKey(activeLayer(back))).toBe(promptsKey(activeLayer(once)))
  })
})

describe('the history', () => {
  it('undoes and redoes every step', () => {
    const history = record(record(startHistory(1), 2), 3)
    expect(undo(undo(history)).present).toBe(1)
    expect(redo(undo(history))).toEqual(history)
    expect(undo(startHistory(1)).present).toBe(1)
    expect(redo(history)).toBe(history)
  })

  it('forgets what was undone once something new is done', () => {
    const history = record(undo(record(startHistory(1), 2)), 5)
    expect(redo(history).present).toBe(5)
  })

  it('takes no step for no change', () => {
    const history = startHistory(start)
    expect(record(history, start)).toBe(history)
  })
})
