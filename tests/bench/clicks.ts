/**
 * Selection by clicks, measured by a robot user on any folder with an index.json ([{id, set, image, mask}]):
 *   pnpm --silent bench:clicks --data DIR --json
 * Click 1 lies at the object's pixel farthest from its outside, each later one at the pixel farthest from the rim of
 * the error; at most 20. decode_ms: until the best mask is there; decode_all_ms: until the other candidates, which are
 * painted when they are asked for, are there too; decode_full_speed_ms: the first of them in units of the same clicks on
 * a drawn photo, made before and after each photo's, times the best of those (another machine, or a neighbour on this
 * one, slows both). IoU at the file's full size. NoC85 (90): clicks to reach that IoU, 20 where it is never reached.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { decodeImage } from '@gen3d/image/decode'
import { readMaskPng } from '@gen3d/image/mask-png'
import { createDecoder, type Decoder } from '@gen3d/preview/decode'
import { embedPhoto, readEmbedding, writeEmbedding } from '@gen3d/preview/embed'
import { ROUNDS, ROUNDS_AGAIN, rehearse } from '@gen3d/preview/rehearse'
import type { BoxPrompt, PointPrompt } from '@gen3d/shared/prompts'
import { intersectionOverUnion, Robot, type Truth, tightBox } from '../../packages/preview/train/robot.ts'
import { drawDuck } from '../fixtures/duck.ts'

const MOST_CLICKS = 20
const LEVELS = [1, 2, 3, 5] as const

interface Row {
  readonly id: string
  readonly set: string
  readonly image: string
  readonly mask: string
}

interface Outcome {
  readonly id: string
  readonly set: string
  readonly clicks: readonly number[]
  readonly box: number
}

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    json: { type: 'boolean', default: false },
    every: { type: 'string', default: '1' },
    'max-clicks': { type: 'string', default: String(MOST_CLICKS) },
    out: { type: 'string' },
  },
})
const folder = options.data
if (folder === undefined) throw new Error('Say where the photos are: --data DIR (with index.json).')
const mostClicks = Number(options['max-clicks'])

const timings = {
  encode: [] as number[],
  prepare: [] as number[],
  decode: [] as number[],
  decodeAll: [] as number[],
  fullSpeed: [] as number[],
  reference: [] as number[],
  bytes: [] as number[],
}
const referenceClicks = makeReference()
const rows = (JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as Row[]).filter((r) => r.mask)
const outcomes: Outcome[] = []
for (const row of rows.filter((_, i) => i % Number(options.every) === 0))
  outcomes.push(await measure(folder, row))
const bestReference = Math.min(...timings.reference)

const report = {
  ...summary(outcomes),
  encode_ms: spread(timings.encode),
  prepare_ms: spread(timings.prepare),
  decode_ms: spread(timings.decode),
  decode_all_ms: spread(timings.decodeAll),
  decode_full_speed_ms: spread(timings.fullSpeed.map((share) => share * bestReference)),
  reference_click_ms: { best: rounded(bestReference), p50: rounded(quantile(timings.reference, 0.5)) },
  embedding_bytes: { p50: quantile(timings.bytes, 0.5), max: Math.max(...timings.bytes) },
  reference_loop_ms: referenceLoop(),
  per_set: Object.fromEntries(
    [...new Set(outcomes.map((o) => o.set))].map((set) => [
      set,
      summary(outcomes.filter((o) => o.set === set)),
    ]),
  ),
}
if (options.out !== undefined) writeFileSync(options.out, JSON.stringify(outcomes))
console.log(options.json ? JSON.stringify(report) : JSON.stringify(report, null, 1))

async function measure(root: string, row: Row): Promise<Outcome> {
  const photo = await decodeImage(readFileSync(join(root, row.image)))
  const read = readMaskPng(readFileSync(join(root, row.mask)))
  const truth: Truth = { width: read.width, height: read.height, mask: read.data }
  const start = performance.now()
  const bytes = writeEmbedding(embedPhoto(photo))
  const encoded = performance.now()
  const decoder = createDecoder(readEmbedding(bytes), photo)
  timings.encode.push(encoded - start)
  timings.prepare.push(performance.now() - encoded)
  timings.bytes.push(bytes.length)
  // Once, as the page does while the person looks at its first photo.
  for (const _ of rehearse(decoder, photo, timings.decode.length === 0 ? ROUNDS : ROUNDS_AGAIN));
  const known = timings.decode.length
  const before = referenceClicks()
  const [box] = play(decoder, truth, tightBox(truth), 0)
  const clicks = play(decoder, truth, null, mostClicks)
  const after = referenceClicks()
  timings.reference.push(before, after)
  for (const took of timings.decode.slice(known)) timings.fullSpeed.push((2 * took) / (before + after))
  return { id: row.id, set: row.set, clicks, box }
}

/** Says how long a click on a drawn photo takes now, ms: its clicks in another order each time, so that none is kept. */
function makeReference(): () => number {
  const { image, inside } = drawDuck(1024, 768)
  const decoder = createDecoder(embedPhoto(image), image)
  for (const _ of rehearse(decoder, image, ROUNDS));
  const clicks: PointPrompt[] = inside.map(([x, y]) => ({ x, y, label: 1 }))
  return () => {
    clicks.push(clicks.shift() as PointPrompt)
    const start = performance.now()
    for (let k = 1; k <= clicks.length; k++) decoder.decode({ points: clicks.slice(0, k), box: null })
    return (performance.now() - start) / clicks.length
  }
}

/** IoU after each prompt; the first is the box alone where there is one. */
function play(decoder: Decoder, truth: Truth, box: BoxPrompt | null, most: number): number[] {
  const robot = new Robot(truth)
  const points: PointPrompt[] = []
  const scores: number[] = []
  let guess: Uint8Array = new Uint8Array(truth.mask.length)
  const decode = (): void => {
    const start = performance.now()
    const candidates = decoder.decode({ points, box })
    timings.decode.push(performance.now() - start)
    guess = candidates[0].mask
    for (const { mask } of candidates)
      if (mask.length !== guess.length) throw new Error('A mask of another size.')
    timings.decodeAll.push(performance.now() - start)
    scores.push(intersectionOverUnion(guess, truth.mask))
  }
  if (box !== null) decode()
  while (points.length < most) {
    const click = robot.next(guess)
    if (click === null) break
    points.push(click)
    decode()
    // Nothing that is reported can change any more.
    if (points.length >= 5 && scores[scores.length - 1] >= 0.9) break
  }
  return scores
}

function summary(list: readonly Outcome[]) {
  const at = (k: number): number => mean(list.map((o) => o.clicks[Math.min(k, o.clicks.length) - 1]))
  const clicksTo = (goal: number): number =>
    mean(
      list.map((o) => {
        const reached = o.clicks.findIndex((v) => v >= goal)
        return reached < 0 ? mostClicks : reached + 1
      }),
    )
  return {
    n: list.length,
    iou: Object.fromEntries(LEVELS.map((k) => [String(k), rounded(at(k))])),
    noc85: rounded(clicksTo(0.85)),
    noc90: rounded(clicksTo(0.9)),
    box_iou: rounded(mean(list.map((o) => o.box))),
  }
}

/** A fixed piece of arithmetic: other machines, or a busy one, show in this figure and the others alike. */
function referenceLoop(): number {
  const values = new Float64Array(1 << 16).fill(1)
  const start = performance.now()
  for (let round = 0; round < 100; round++) {
    for (let i = 1; i < values.length; i++)
      values[i] = Math.sqrt(values[i] * 0.5 + values[i - 1] * 0.25 + 0.25)
  }
  return rounded(performance.now() - start)
}

function spread(values: readonly number[]) {
  return { p50: rounded(quantile(values, 0.5)), p95: rounded(quantile(values, 0.95)) }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, v) => sum + v, 0) / values.length
}

function rounded(value: number): number {
  return Math.round(value * 1e4) / 1e4
}
