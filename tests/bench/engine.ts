/** The embedded engine on our duck at 1024 px: embed, a click, a standard reconstruct with its files. */
import { createDecoder } from '@gen3d/preview/decode'
import { embedPhoto, readEmbedding, writeEmbedding } from '@gen3d/preview/embed'
import { createPreviewEngine } from '@gen3d/preview/engine'
import { rehearse } from '@gen3d/preview/rehearse'
import { engineFacts } from '@gen3d/shared/engines'
import type { PointPrompt } from '@gen3d/shared/prompts'
import { fillOptions } from '@gen3d/shared/reconstruct-defaults'
import { Robot, type Truth } from '../../packages/preview/train/robot.ts'
import { duckPhoto } from './duck-photo.ts'
import { type Bench, type Figure, quantile, timed } from './figure.ts'

const group = 'engine, 1024 px'
const DECODE_GOAL_MS = 16
const EMBED_GOAL_MS = 400
const RECONSTRUCT_GOAL_SECONDS = 1.5
const EMBEDDING_GOAL_KB = 300
const CLICKS = 5

type Time = Awaited<ReturnType<typeof timed>>

async function measureSelect(repeats: number): Promise<Figure[]> {
  const duck = duckPhoto()
  const embeds: Time[] = []
  const clicks: Time[] = []
  let bytes = new Uint8Array()
  for (let i = 0; i <= repeats; i++) {
    const time = await timed(() => writeEmbedding(embedPhoto(duck.image)))
    // The first one finds nothing compiled.
    if (i > 0) embeds.push(time)
    bytes = new Uint8Array(time.made)
  }
  const decoder = createDecoder(readEmbedding(bytes), duck.image)
  // As the page does while the person looks at the photo: after it every click counts, the first too.
  for (const _ of rehearse(decoder, duck.image));
  for (let i = 0; i <= repeats; i++) clicks.push(...(await play(decoder)))
  return [
    { group, name: 'embed p50', unit: 'ms', ...at(embeds, 0.5), goal: EMBED_GOAL_MS },
    { group, name: 'embedding', unit: 'kB', value: bytes.length / 1000, goal: EMBEDDING_GOAL_KB },
    { group, name: 'decode per click p50', unit: 'ms', ...at(clicks, 0.5), goal: DECODE_GOAL_MS },
    { group, name: 'decode per click p95', unit: 'ms', ...at(clicks, 0.95), goal: DECODE_GOAL_MS },
  ]
}

function at(times: readonly Time[], part: number, unit = 1): { value: number; cpu: number } {
  return {
    value:
      quantile(
        times.map(({ ms }) => ms),
        part,
      ) / unit,
    cpu:
      quantile(
        times.map(({ cpuMs }) => cpuMs),
        part,
      ) / unit,
  }
}

/** One to five clicks of the robot user; where nothing is wrong any more, the fixture's own points. */
async function play(decoder: ReturnType<typeof createDecoder>): Promise<Time[]> {
  const duck = duckPhoto()
  const truth: Truth = { width: duck.mask.width, height: duck.mask.height, mask: duck.mask.data }
  const robot = new Robot(truth)
  const points: PointPrompt[] = []
  const times: Time[] = []
  let guess: Uint8Array = new Uint8Array(truth.mask.length)
  for (let click = 0; click < CLICKS; click++) {
    const [x, y] = duck.inside[click % duck.inside.length]
    points.push(robot.next(guess) ?? { x, y, label: 1 })
    const time = await timed(() => decoder.decode({ points, box: null }))
    times.push(time)
    guess = time.made[0].mask
  }
  return times
}

async function measureReconstruct(repeats: number): Promise<Figure[]> {
  const engine = createPreviewEngine()
  const { jpeg: photo, maskPng } = duckPhoto()
  const masks = [{ name: 'duck', png: maskPng }]
  const { formats, quality, seed, texture_size, target_triangles } = fillOptions(
    undefined,
    engineFacts('preview').defaultFormats,
  )
  const options = { formats, quality, seed, textureSize: texture_size, targetTriangles: target_triangles }
  const times: Time[] = []
  let steps: Record<string, number> = {}
  for (let i = 0; i <= repeats; i++) {
    const own: Record<string, number> = {}
    let [stage, since] = ['', performance.now()]
    const time = await timed(() =>
      engine.reconstruct(
        { photo, masks, options },
        {
          async progress(next) {
            own[stage] = (own[stage] ?? 0) + performance.now() - since
            ;[stage, since] = [next, performance.now()]
          },
        },
      ),
    )
    if (i > 0) times.push(time)
    steps = own
  }
  return [
    {
      ...{ group, name: `reconstruct ${quality} p50`, unit: 's' },
      ...{ ...at(times, 0.5, 1000), goal: RECONSTRUCT_GOAL_SECONDS },
      note: Object.entries(steps)
        .filter(([stage]) => stage !== '')
        .map(([stage, ms]) => `${stage} ${Math.round(ms)}`)
        .join(', '),
    },
  ]
}

export const measureEngine: Bench = async (repeats) => [
  ...(await measureSelect(repeats)),
  ...(await measureReconstruct(repeats)),
]
