import { describe, expect, it } from 'vitest'
import { containedIn, placeOf, projectionOf } from './photo-camera.ts'

const camera = {
  width: 400,
  height: 300,
  fx: 500,
  fy: 480,
  cx: 190,
  cy: 160,
  // 90 degrees about Y, then 3 metres away.
  object_to_camera: [0, 0, -1, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0.1, 0.2, -3, 1],
}

function apply(m: readonly number[], [x, y, z]: readonly number[]): number[] {
  return [0, 1, 2, 3].map((row) => m[row] * x + m[row + 4] * y + m[row + 8] * z + m[row + 12])
}

describe('the photo’s camera', () => {
  it('puts a point where the manifest’s formula puts it in the fitted photo', () => {
    const [width, height] = [1000, 600]
    const point = [0.3, -0.2, 0.4]
    const [x, y, z] = apply(camera.object_to_camera, point)
    const u = camera.cx + (camera.fx * x) / -z
    const v = camera.cy - (camera.fy * y) / -z
    const clip = apply(projectionOf(camera, width, height), [x, y, z])
    const fit = containedIn(camera, width, height)
    expect(((clip[0] / clip[3] + 1) / 2) * width).toBeCloseTo(fit.x + u * fit.scale)
    expect(((1 - clip[1] / clip[3]) / 2) * height).toBeCloseTo(fit.y + v * fit.scale)
    expect(Math.abs(clip[2] / clip[3])).toBeLessThan(1)
  })

  it('stands where its matrix says', () => {
    const there = apply(camera.object_to_camera, [0.3, -0.2, 0.4])
    const back = apply(placeOf(camera.object_to_camera), there)
    expect(back.map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0.3, -0.2, 0.4, 1])
  })
})
