import { expect, test } from 'vitest'
import type { Orientation } from './exif.ts'
import { turnImage } from './turn.ts'
import type { Image } from './types.ts'

/** How the upright picture ABC / DEF lies in a file of each orientation, row by row. */
const STORED: [Orientation, string][] = [
  [1, 'ABC DEF'],
  [2, 'CBA FED'],
  [3, 'FED CBA'],
  [4, 'DEF ABC'],
  [5, 'AD BE CF'],
  [6, 'CF BE AD'],
  [7, 'FC EB DA'],
  [8, 'DA EB FC'],
]

test.each(STORED)('orientation %i turns %s upright', (orientation, stored) => {
  expect(toText(turnImage(fromText(stored), orientation))).toBe('ABC DEF')
})

test('turns pixels that do not start at a multiple of 4 bytes', () => {
  const image = fromText('DA EB FC')
  const shifted = new Uint8ClampedArray(image.data.length + 1)
  shifted.set(image.data, 1)

  expect(toText(turnImage({ ...image, data: shifted.subarray(1) }, 8))).toBe('ABC DEF')
})

function fromText(text: string): Image {
  const rows = text.split(' ')
  const data = Uint8ClampedArray.from([...rows.join('')].map((char) => char.charCodeAt(0)))
  return { width: rows[0].length, height: rows.length, data: spread(data) }
}

function spread(values: Uint8ClampedArray): Uint8ClampedArray<ArrayBuffer> {
  return Uint8ClampedArray.from({ length: 4 * values.length }, (_, i) => values[i >> 2] + (i & 3))
}

function toText({ width, height, data }: Image): string {
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => String.fromCharCode(data[4 * (y * width + x)])).join(''),
  )
  return rows.join(' ')
}
