import { expect, it } from 'vitest'
import { toOnnxPrompts } from './onnx-prompts.ts'

const PHOTO = { width: 2016, height: 504 }

it('puts points first, then the box’s corners as labels 2 and 3, then one padding point', () => {
  const points = [
    { x: 0, y: 0, label: 1 },
    { x: 2015, y: 503, label: 0 },
  ] as const
  const { coords, labels } = toOnnxPrompts(points, [0, 0, 2015, 503], PHOTO, 1008)
  expect(labels).toEqual([1, 0, 2, 3, -1])
  // The middle of the first pixel, half a pixel wide in one direction and two in the other; the model adds 0.5.
  expect([...coords.slice(0, 4)]).toEqual([0.25 - 0.5, 1 - 0.5, 1008 - 0.25 - 0.5, 1008 - 1 - 0.5])
  expect([...coords.slice(4)]).toEqual([-0.5, -0.5, 1007.5, 1007.5, 0, 0])
})
