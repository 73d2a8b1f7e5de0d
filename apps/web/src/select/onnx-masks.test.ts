import { describe, expect, it } from 'vitest'
import { drawMask, logitsAgreement, paintStrokes } from './onnx-masks.ts'

describe('drawMask', () => {
  it('cuts between two values where the line between them crosses the cut', () => {
    const logits = Float32Array.of(-1, 1, -1, 1)
    expect([...drawMask(logits, 2, { width: 8, height: 1 }, 0)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
    expect([...drawMask(logits, 2, { width: 8, height: 1 }, 0.5)]).toEqual([0, 0, 0, 0, 0, 1, 1, 1])
    expect([...drawMask(logits, 2, { width: 8, height: 1 }, -0.5)]).toEqual([0, 0, 0, 1, 1, 1, 1, 1])
  })

  it('keeps rows and columns of a photo that is no square apart', () => {
    const logits = Float32Array.of(1, 1, -1, -1)
    expect([...drawMask(logits, 2, { width: 3, height: 4 }, 0)]).toEqual([1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
  })
})

describe('paintStrokes', () => {
  it('paints in the order of the strokes, along the line and to its ends', () => {
    const mask = new Uint8Array(7 * 3)
    paintStrokes(mask, { width: 7, height: 3 }, [
      {
        radius: 0.5,
        label: 1,
        points: [
          [1, 1],
          [5, 1],
        ],
      },
      { radius: 1, label: 0, points: [[3, 1]] },
    ])
    expect([...mask.slice(7, 14)]).toEqual([0, 1, 0, 0, 0, 1, 0])
    expect(mask.reduce((sum, inside) => sum + inside, 0)).toBe(2)
  })
})

it('logitsAgreement is the IoU of what lies above 0', () => {
  expect(logitsAgreement(Float32Array.of(1, 1, -1, -1), Float32Array.of(-1, 2, 2, -1))).toBeCloseTo(1 / 3)
  expect(logitsAgreement(Float32Array.of(-1), Float32Array.of(-1))).toBe(1)
})
