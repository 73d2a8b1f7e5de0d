import { describe, expect, it } from 'vitest'
import { fitView, pan, reveal, toNearestPixel, toPhoto, toPixel, toScreen, zoomAt } from './view-matrix.ts'

const photo = { width: 400, height: 300 }
const stage = { width: 800, height: 600 }

describe('the view of the photo', () => {
  it('shows the whole photo in the middle', () => {
    const view = fitView(photo, stage)
    const from = toScreen(view, { x: 0, y: 0 })
    const to = toScreen(view, { x: 400, y: 300 })
    expect(from.x).toBeCloseTo(800 - to.x)
    expect(from.y).toBeCloseTo(600 - to.y)
    expect(from.y).toBeGreaterThanOrEqual(12)
  })

  it('takes a pixel for the square that it covers', () => {
    const view = { scale: 10, x: 5, y: 5 }
    expect(toPixel(view, { x: 5, y: 14.9 }, photo)).toEqual({ x: 0, y: 0 })
    expect(toPixel(view, { x: 15, y: 15 }, photo)).toEqual({ x: 1, y: 1 })
    expect(toPixel(view, { x: 4, y: 9 }, photo)).toBeNull()
    expect(toNearestPixel(view, { x: -100, y: 1e6 }, photo)).toEqual({ x: 0, y: 299 })
  })

  it('keeps what lies under the pointer while zooming', () => {
    const view = fitView(photo, stage)
    const at = { x: 500, y: 200 }
    const before = toPhoto(view, at)
    const after = toPhoto(zoomAt(view, 3, at, photo, stage), at)
    expect(after.x).toBeCloseTo(before.x)
    expect(after.y).toBeCloseTo(before.y)
  })

  it('never loses the photo', () => {
    const view = pan(fitView(photo, stage), 1e6, -1e6, photo, stage)
    expect(toScreen(view, { x: 0, y: 0 }).x).toBeLessThan(stage.width)
    expect(toScreen(view, { x: 400, y: 300 }).y).toBeGreaterThan(0)
  })

  it('follows the crosshair', () => {
    const view = reveal({ scale: 10, x: 0, y: 0 }, { x: 300, y: 10 }, stage)
    expect(toScreen(view, { x: 300, y: 10 }).x).toBeCloseTo(776)
  })
})
