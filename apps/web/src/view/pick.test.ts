import { describe, expect, it } from 'vitest'
import { eyeOf, type Orbit, rayThrough } from './orbit.ts'
import { pickPoint } from './pick.ts'

const FOV = (40 * Math.PI) / 180
const orbit: Orbit = { target: [0, 0, 0], distance: 2, yaw: 0.7, pitch: 0.3 }
const room = { width: 800, height: 600 }

describe('the spot under the pointer', () => {
  it('is the target in the middle of the picture', () => {
    const ray = rayThrough(orbit, FOV, { x: 400, y: 300 }, room)
    const hit = pickPoint(new Float32Array([0, 0, 0]), eyeOf(orbit), ray)
    expect(hit).toEqual([0, 0, 0])
  })

  it('is the front of what lies one behind another', () => {
    const front: Orbit = { target: [0, 0, 0], distance: 2, yaw: 0, pitch: 0 }
    const ray = rayThrough(front, FOV, { x: 400, y: 300 }, room)
    const points = new Float32Array([0, 0, -0.5, 0, 0, 0.5, 0.4, 0, 1])
    expect(pickPoint(points, eyeOf(front), ray)).toEqual([0, 0, 0.5])
  })

  it('is to the right and below where the pointer is', () => {
    const front: Orbit = { target: [0, 0, 0], distance: 2, yaw: 0, pitch: 0 }
    const tangent = Math.tan(FOV / 2)
    // Half a picture's height from the middle is the tangent at distance 1: here the height's half is 300 pixels.
    const ray = rayThrough(front, FOV, { x: 400 + 150, y: 300 + 75 }, room)
    const there = new Float32Array([tangent, -tangent / 2, 0])
    expect(pickPoint(there, eyeOf(front), ray)).not.toBeNull()
    expect(pickPoint(new Float32Array([-tangent, -tangent / 2, 0]), eyeOf(front), ray)).toBeNull()
  })

  it('is none behind the eye or far beside', () => {
    const ray = rayThrough(orbit, FOV, { x: 400, y: 300 }, room)
    const [x, y, z] = eyeOf(orbit)
    expect(pickPoint(new Float32Array([2 * x, 2 * y, 2 * z, 0, 1, 0]), eyeOf(orbit), ray)).toBeNull()
  })
})
