import type { PointPrompt, Prompts } from '@gen3d/shared/prompts'
import type { Decoder } from './decode.ts'
import { seededRandom } from './select/numeric.ts'

/** Rounds after which a click costs what it costs for good (docs/architecture/04-select.md has the figures). */
const ROUNDS = 5
const CLICKS = 4

/**
 * Asks a fresh decoder for answers that nobody waits for, one a step, so that the first real click finds compiled code
 * and buffers that were touched: without it that click takes ten times as long. No answer changes by it. To be run
 * once a process or Worker, between opening a photo and the first click; it may be left at any step.
 */
export function* rehearse(decoder: Decoder, photo: { width: number; height: number }): Generator<void> {
  const { width, height } = photo
  const random = seededRandom(1)
  const box = [width >> 2, height >> 2, (3 * width) >> 2, (3 * height) >> 2] as const
  for (let round = 0; round < ROUNDS; round++) {
    const points: PointPrompt[] = []
    for (let k = 0; k < CLICKS; k++) {
      const [x, y] = [Math.floor(random() * width), Math.floor(random() * height)]
      points.push({ x, y, label: k % 2 === 0 ? 1 : 0 })
      const prompts = { points: [...points], box: null }
      yield k % 2 === 0 ? sketch(decoder, prompts) : look(decoder, prompts)
    }
    yield look(decoder, { points: [], box })
    yield look(decoder, { points: points.slice(0, 1), box })
  }
}

function sketch(decoder: Decoder, prompts: Prompts): void {
  decoder.sketch(prompts)
}

/** Paints all candidates: those after the first are painted when their mask is read. */
function look(decoder: Decoder, prompts: Prompts): void {
  for (const candidate of decoder.decode(prompts)) void candidate.mask
}
