import { describe, expect, it } from 'vitest'
import { BorderColours } from './border-colours.ts'
import { mostAlikeLanes } from './colour-lanes.ts'
import { listWords, WORDS } from './colour-words.ts'
import { seededRandom } from './numeric.ts'
import type { RegionGraph } from './region-graph.ts'
import { DESCRIPTION } from './regions.ts'

const COUNT = 300
const random = seededRandom(11)
const description = Float32Array.from({ length: COUNT * DESCRIPTION }, () => 100 * random())
// As a photo's regions: most have few of the colours.
const roots = Float32Array.from({ length: COUNT * WORDS }, () => (random() < 0.7 ? 0 : random()))
const graph = {
  topology: { count: COUNT },
  description,
  rootHistogram: roots,
  rootWords: listWords(roots),
} as unknown as RegionGraph
const regions = Int32Array.from({ length: 200 }, (_, i) => i)

function alike(a: number, b: number): number {
  let sum = 0
  for (let k = 0; k < WORDS; k++) sum += roots[a * WORDS + k] * roots[b * WORDS + k]
  return sum
}

describe.each([[0], [1], [4], [16], [17], [100]])('colours against %i others', (count) => {
  const others = Array.from({ length: count }, (_, j) => 200 + j)
  const most = [...regions].map((i) => Math.max(0, ...others.map((j) => alike(i, j))))

  it('find the nearest and the most alike of them all', () => {
    const border = new BorderColours(graph)
    border.compare(regions, others)
    expect([...border.affinity.subarray(0, regions.length)]).toEqual(most)
    for (const i of regions) {
      const distances = others.map((j) =>
        [0, 1, 2].reduce(
          (sum, c) => sum + (description[i * DESCRIPTION + c] - description[j * DESCRIPTION + c]) ** 2,
          0,
        ),
      )
      expect(border.nearest[i]).toBe(Math.min(6400, ...distances))
    }
  })

  it('are the same in vectors and without them', () => {
    const out = new Float64Array(regions.length)
    expect(mostAlikeLanes(roots, regions, others, out)).toBe(true)
    const plain = new BorderColours(graph) as unknown as {
      spreadWords(others: number[]): void
      mostAlike(region: number, count: number): number
    }
    plain.spreadWords(others)
    for (const i of regions) expect(plain.mostAlike(i, others.length)).toBe(out[i])
  })
})
