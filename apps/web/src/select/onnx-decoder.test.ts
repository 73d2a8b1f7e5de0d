import { describe, expect, it } from 'vitest'
import { createOnnxDecoder } from './onnx-decoder.ts'
import type { OnnxPrompts, OnnxSession } from './onnx-session.ts'

const PHOTO = { width: 4, height: 2 }
const LEFT = Float32Array.of(1, -1, 1, -1)
const RIGHT = Float32Array.of(-1, 1, -1, 1)
const ALL = Float32Array.of(1, 1, 1, 1)

/** A network that answers with three fixed pictures and notes what it was asked. */
function setUp(scores: number[][]) {
  const asked: OnnxPrompts[] = []
  const session: OnnxSession = {
    ...{ inputSize: 8, side: 2, runsOn: 'wasm' },
    async run(prompts) {
      asked.push(prompts)
      return { logits: [LEFT, RIGHT, ALL], scores: scores[asked.length - 1] }
    },
    close: async () => {},
  }
  return { decoder: createOnnxDecoder(session, PHOTO), asked }
}
const click = (x: number) => ({ x, y: 0, label: 1 }) as const

describe('the decoder of another engine', () => {
  it('gives the candidates of one click with the best score first', async () => {
    const { decoder, asked } = setUp([[0.2, 0.9, 0.5]])
    const candidates = await decoder.decode({ points: [click(3)] }, 0)
    expect(candidates.map(({ score }) => score)).toEqual([0.9, 0.5, 0.2])
    expect([...candidates[0].mask]).toEqual([0, 0, 1, 1, 0, 0, 1, 1])
    expect(asked[0].mask).toBeNull()
  })

  it('tells a second click with the answer before it, and takes the candidate nearest to that', async () => {
    const { decoder, asked } = setUp([
      [0.2, 0.9, 0.5],
      [0.9, 0.1, 0.5],
    ])
    await decoder.decode({ points: [click(3)] }, 0)
    const candidates = await decoder.decode({ points: [click(3), click(2)] }, 0)
    expect(asked[1].mask).toBe(RIGHT)
    expect(candidates.map(({ score }) => score)).toEqual([0.1, 0.9, 0.5])
  })

  it('finds the same answer by another way, and asks nothing twice', async () => {
    const scores = [
      [0.2, 0.9, 0.5],
      [0.9, 0.1, 0.5],
    ]
    const { decoder, asked } = setUp(scores)
    const [direct] = await decoder.decode({ points: [click(3), click(2)] }, 0)
    expect(asked.map(({ labels }) => labels.length)).toEqual([2, 3])
    const [again] = await decoder.decode({ points: [click(3), click(2)] }, 0.5)
    await decoder.sketch({ points: [click(3)] }, 0)
    expect(asked).toHaveLength(2)
    expect(again.score).toBe(direct.score)
  })

  it('paints the brush over the answer, and clicks where somebody only painted', async () => {
    const { decoder, asked } = setUp([[0.9, 0.1, 0.2]])
    const strokes = [{ radius: 0.5, label: 1 as const, points: [[3, 1] as const] }]
    const [{ mask }] = await decoder.decode({ points: [], strokes }, 0)
    expect([...mask]).toEqual([1, 1, 0, 0, 1, 1, 0, 1])
    expect(asked[0].labels).toEqual([1, -1])
  })
})
