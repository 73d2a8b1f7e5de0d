import { describe, expect, it } from 'vitest'
import { approach, cameraPlace, eyeOf, frameBox, slide, turn, unite } from './orbit.ts'

const box = { min: [-1, 0, -1], max: [1, 2, 1] }
// Two metres in front of the origin, looking along -z.
const objectToCamera = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, -5, 1]

function expectNear(found: readonly number[], wanted: readonly number[]): void {
  expect(found.map((value) => Math.round(value * 1e6) / 1e6 + 0)).toEqual(wanted)
}

describe('the orbit', () => {
  it('finds the camera of the photo', () => {
    expectNear(cameraPlace(objectToCamera), [0, 0, 5])
    // Turned by 90 degrees about Y: the camera stands on the x axis.
    const turned = [0, 0, 1, 0, 0, 1, 0, 0, -1, 0, 0, 0, 0, 0, -5, 1]
    expectNear(cameraPlace(turned), [5, 0, 0])
  })

  it('starts on the photo’s side with the whole object in sight', () => {
    const level = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, -1, -5, 1]
    const orbit = frameBox(box, level, Math.PI / 2, 2)
    expect(orbit.target).toEqual([0, 1, 0])
    expect(orbit.yaw).toBeCloseTo(0)
    // The front face is 2 high and 1 nearer than the middle; with 90 degrees it needs 1 metre before it.
    expect(orbit.distance).toBeCloseTo(2 * 1.2)
    expect(frameBox(box, level, Math.PI / 2, 0.5).distance).toBeCloseTo(2 * 1.2)
  })

  it('turns the object with the hand: dragged to the right, the camera goes left', () => {
    const orbit = turn({ target: [0, 0, 0], distance: 1, yaw: 0, pitch: 0 }, 0.5, 0)
    expect(eyeOf(orbit)[0]).toBeLessThan(0)
  })

  it('never goes over the pole, nor into the object, nor out of sight', () => {
    const start = frameBox(box, objectToCamera, 1, 1)
    expect(turn(start, 0, 100).pitch).toBeLessThan(Math.PI / 2)
    expect(approach(start, 1e-9, 1).distance).toBe(0.15)
    expect(approach(start, 1e9, 1).distance).toBe(30)
  })

  it('slides in the plane of the picture', () => {
    const orbit = slide({ target: [0, 0, 0], distance: 2, yaw: 0, pitch: 0 }, 0.5, 0.25)
    expectNear(orbit.target, [-1, 0.5, 0])
  })

  it('unites boxes', () => {
    expect(unite([box, { min: [0, -3, 0], max: [4, 0, 0] }])).toEqual({ min: [-1, -3, -1], max: [4, 2, 1] })
  })
})
