import { describe, expect, it } from 'vitest'
import { scaleOutline, traceOutline } from './outline.ts'

function toMask(rows: string[]): { mask: Uint8Array; width: number; height: number } {
  return {
    mask: Uint8Array.from(rows.join(''), (char) => (char === '#' ? 1 : 0)),
    width: rows[0].length,
    height: rows.length,
  }
}

/** Fills the loops by the even-odd rule at the pixels' centres. */
function fill(outline: Int32Array, width: number, height: number): string[] {
  const loops: [number, number][][] = []
  for (let at = 0; at < outline.length; ) {
    const count = outline[at++]
    loops.push(Array.from({ length: count }, (_, i) => [outline[at + 2 * i], outline[at + 2 * i + 1]]))
    at += 2 * count
  }
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      let crossings = 0
      for (const loop of loops) {
        loop.forEach(([x0, y0], i) => {
          const [x1, y1] = loop[(i + 1) % loop.length]
          if (x0 === x1 && x0 > x + 0.5 && Math.min(y0, y1) < y + 0.5 && Math.max(y0, y1) > y + 0.5)
            crossings++
        })
      }
      return crossings % 2 ? '#' : '.'
    }).join(''),
  )
}

describe('the outline of a mask', () => {
  it.each([
    ['one pixel', ['...', '.#.', '...']],
    ['a full mask', ['##', '##']],
    ['a ring with its hole', ['#####', '#...#', '#.#.#', '#...#', '#####']],
    ['pixels that touch at a corner', ['#.#', '.#.', '#.#']],
    ['nothing', ['...', '...']],
    ['a stair', ['#...', '##..', '.##.', '..##']],
  ])('gives back %s', (_, rows) => {
    const { mask, width, height } = toMask(rows)
    expect(fill(traceOutline(mask, width, height), width, height)).toEqual(rows)
  })

  it('gives back any mask', () => {
    let state = 7
    for (let round = 0; round < 50; round++) {
      const rows = Array.from({ length: 9 }, () =>
        Array.from({ length: 11 }, () => {
          state = (state * 48271) % 2147483647
          return state % 5 < 3 ? '#' : '.'
        }).join(''),
      )
      const { mask, width, height } = toMask(rows)
      expect(fill(traceOutline(mask, width, height), width, height)).toEqual(rows)
    }
  })

  it('moves to the pixels of a larger photo', () => {
    const { mask, width, height } = toMask(['#.', '..'])
    expect([...scaleOutline(traceOutline(mask, width, height), 2.5, 3)]).toEqual([4, 3, 0, 3, 3, 0, 3, 0, 0])
  })

  it('has a corner only where the border turns', () => {
    const { mask, width, height } = toMask(['####', '####'])
    expect([...traceOutline(mask, width, height)]).toEqual([4, 4, 0, 4, 2, 0, 2, 0, 0])
  })
})
