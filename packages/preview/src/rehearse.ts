import type { Image } from '@gen3d/image/types'
import type { MaskCandidate, PointPrompt } from '@gen3d/shared/prompts'
import type { Decoder, Sketch } from './decode.ts'
import { seededRandom } from './select/numeric.ts'

/** Rounds after which a click costs what it costs for good (docs/architecture/04-select.md has the figures). */
export const ROUNDS = 5
/** Enough where another photo was rehearsed with before: only buffers have to be touched. */
export const ROUNDS_AGAIN = 1
const CLICKS = 4

/**
 * Asks a fresh decoder for answers that nobody waits for, one mask a step, so that the first real click finds compiled code
 * and buffers that were touched: without it that click takes ten times as long. No answer changes by it. To be run
 * between opening a photo and the first click; it may be left at any step. Each answer is handed on, for whoever has
 * code of their own to practise.
 */
export function* rehearse(
  decoder: Decoder,
  photo: { width: number; height: number },
  rounds = ROUNDS,
): Generator<Sketch | MaskCandidate> {
  const { width, height } = photo
  const random = seededRandom(1)
  const box = [width >> 2, height >> 2, (3 * width) >> 2, (3 * height) >> 2] as const
  for (let round = 0; round < rounds; round++) {
    const points: PointPrompt[] = []
    for (let k = 0; k < CLICKS; k++) {
      const [x, y] = [Math.floor(random() * width), Math.floor(random() * height)]
      points.push({ x, y, label: k % 2 === 0 ? 1 : 0 })
      const prompts = { points: [...points], box: null }
      if (k % 2 === 0) yield decoder.sketch(prompts)
      else yield* painted(decoder.decode(prompts))
    }
    yield* painted(decoder.decode({ points: [], box }))
    yield* painted(decoder.decode({ points: points.slice(0, 1), box }))
  }
}

/** Candidates after the first are painted when their mask is read. */
function* painted(candidates: readonly MaskCandidate[]): Generator<MaskCandidate> {
  for (const candidate of candidates) {
    void candidate.mask
    yield candidate
  }
}

const PRACTICE = { width: 128, height: 96 }

/** A drawn photo, a ball on shaded ground with grain: practice for a Worker that waits for a photo. */
export function drawPractice(): Image {
  const { width, height } = PRACTICE
  const random = seededRandom(7)
  const data = new Uint8ClampedArray(width * height * 4)
  const radius = height / 4
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p += 4) {
      const [dx, dy] = [x - width / 2, y - height / 2]
      const onBall = dx * dx + dy * dy < radius * radius
      const light = (onBall ? 200 : 110) - y / 2 + random() * 20
      data[p] = light
      data[p + 1] = onBall ? light / 2 : light
      data[p + 2] = onBall ? light / 4 : light
      data[p + 3] = 255
    }
  }
  return { width, height, data }
}
