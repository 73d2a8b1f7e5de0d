import { describe, expect, test } from 'vitest'
import { fitWithin, resizeImage } from './resize.ts'
import type { Image } from './types.ts'

describe('resizeImage', () => {
  test('averages areas where it shrinks', () => {
    expect(grays(resizeImage(gray(4, 2, [0, 100, 10, 20, 50, 50, 30, 40]), 2, 1))).toEqual([50, 25])
  })

  test('shares a pixel between the two that it lies across', () => {
    // 3 to 2: each target pixel is one and a half source pixels wide.
    expect(grays(resizeImage(gray(3, 1, [0, 90, 240]), 2, 1))).toEqual([30, 190])
  })

  test('interpolates between pixel centres where it grows', () => {
    expect(grays(resizeImage(gray(2, 1, [0, 100]), 4, 1))).toEqual([0, 25, 75, 100])
  })

  test('shrinks one side and grows the other', () => {
    expect(grays(resizeImage(gray(2, 2, [0, 100, 100, 200]), 1, 4))).toEqual([50, 75, 125, 150])
  })

  test('keeps one colour, whatever the size', () => {
    const flat = gray(7, 5, new Array(35).fill(201))
    for (const [width, height] of [
      [1, 1],
      [3, 4],
      [7, 9],
      [20, 2],
    ]) {
      expect(new Set(grays(resizeImage(flat, width, height)))).toEqual(new Set([201]))
    }
  })

  test('lets no colour of an invisible pixel through', () => {
    const data = Uint8ClampedArray.of(200, 100, 50, 255, 0, 0, 0, 0)

    expect([...resizeImage({ width: 2, height: 1, data }, 1, 1).data]).toEqual([200, 100, 50, 128])
  })

  test.each([
    [0, 4],
    [4, 0],
    [1.5, 4],
    [Number.NaN, 4],
    [-1, 4],
  ])('refuses %d x %d pixels', (width, height) => {
    expect(() => resizeImage(gray(2, 2, [0, 0, 0, 0]), width, height)).toThrow(RangeError)
  })
})

test.each([
  [4000, 3000, 1024, 1024, 768],
  [3000, 4000, 1024, 768, 1024],
  [12_000, 10, 1024, 1024, 1],
  [8000, 1, 512, 512, 1],
  [300, 200, 1024, 300, 200],
])('%i x %i fits within %i as %i x %i', (width, height, maxSide, fitWidth, fitHeight) => {
  expect(fitWithin(width, height, maxSide)).toEqual({ width: fitWidth, height: fitHeight })
})

function gray(width: number, height: number, values: number[]): Image {
  return {
    width,
    height,
    data: Uint8ClampedArray.from(values.flatMap((value) => [value, value, value, 255])),
  }
}

function grays(image: Image): number[] {
  return [...image.data.filter((_, i) => i % 4 === 0)]
}
