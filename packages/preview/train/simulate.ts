/** Plays the click protocol at working size and keeps what the classifier saw. */
import type { Classifier } from '../src/select/classifier.ts'
import type { Memory } from '../src/select/memory.ts'
import type { Seed, Seeds } from '../src/select/seeds.ts'
import type { Case } from './cases.ts'
import { intersectionOverUnion, Robot, type Truth, tightBox } from './robot.ts'

export interface Policy {
  readonly clicks: number
  /** Clicks after the box; the box alone is always played. */
  readonly boxClicks: number
}

/** One moment of a game: the prompts, what they gave as features, and the truth. */
export interface State {
  readonly classifier: Classifier
  readonly seeds: Seeds
  readonly features: Float32Array
  readonly memory: Memory
  readonly share: Float32Array
  /** Regions that are learned from, and the weight of every region. */
  readonly sample: Int32Array
  readonly weight: Float32Array
  readonly fold: number
}

const SAMPLES = 64

export function playCase(
  c: Case,
  classifier: Classifier,
  policy: Policy,
  random: () => number,
  fold: number,
) {
  const states: State[] = []
  const weight = regionWeights(c)
  const rim = rimRegions(c)
  const { topology } = c.regions
  const guess = new Uint8Array(c.truth.mask.length)
  const half = halved(c.truth)
  const halfGuess = new Uint8Array(half.mask.length)
  let shown: Float32Array | null = null
  const decide = (seeds: Seeds, last: Memory['last']): number => {
    const memory: Memory = { previous: shown, last }
    const probability = classifier.classify(seeds, memory)
    shown = probability.slice()
    states.push({
      classifier,
      seeds,
      memory,
      features: classifier.features.values.slice(),
      share: c.share,
      sample: sampleRegions(topology.count, rim, random),
      weight,
      fold,
    })
    for (let p = 0; p < guess.length; p++) guess[p] = probability[topology.labels[p]] > 0.5 ? 1 : 0
    return intersectionOverUnion(guess, c.truth.mask)
  }
  const play = (box: Seeds['box'], clicks: number, scores: number[]): void => {
    const robot = new Robot(half)
    const inside: Seed[] = []
    const outside: Seed[] = []
    guess.fill(0)
    shown = null
    if (box !== null) scores.push(decide({ inside: [], outside: [], box }, null))
    for (let k = 0; k < clicks; k++) {
      halve(guess, topology.width, half.width, halfGuess)
      const click = robot.next(halfGuess)
      if (click === null) return
      const seed = {
        x: 2 * click.x + 0.5,
        y: 2 * click.y + 0.5,
        region: topology.labels[2 * click.y * topology.width + 2 * click.x],
      }
      if (click.label === 1) inside.push(seed)
      else outside.push(seed)
      scores.push(decide({ inside: [...inside], outside: [...outside], box }, { seed, label: click.label }))
    }
  }
  const clickScores: number[] = []
  play(null, policy.clicks, clickScores)
  const [x0, y0, x1, y1] = tightBox(c.truth)
  const boxScores: number[] = []
  play([x0, y0, x1 + 1, y1 + 1], policy.boxClicks, boxScores)
  const stray = randomInside(c, random)
  shown = null
  if (stray !== null) decide({ inside: [stray], outside: [], box: null }, { seed: stray, label: 1 })
  return { states, clickScores, boxScore: boxScores[0] ?? null }
}

/** Every second pixel of every second row: where the robot clicks does not hang on more, and it is four times faster. */
function halved(truth: Truth): Truth {
  const width = (truth.width + 1) >> 1
  const height = (truth.height + 1) >> 1
  const mask = new Uint8Array(width * height)
  halve(truth.mask, truth.width, width, mask)
  return { width, height, mask }
}

function halve(from: Uint8Array, fromWidth: number, width: number, to: Uint8Array): void {
  for (let p = 0; p < to.length; p++) to[p] = from[2 * Math.floor(p / width) * fromWidth + 2 * (p % width)]
}

/** A click anywhere in the object: people do not aim at its centre. */
function randomInside(c: Case, random: () => number): Seed | null {
  const { width, labels } = c.regions.topology
  for (let attempt = 0; attempt < 4000; attempt++) {
    const p = Math.floor(random() * labels.length)
    if (c.truth.mask[p] === 1)
      return { x: (p % width) + 0.5, y: Math.floor(p / width) + 0.5, region: labels[p] }
  }
  return null
}

/** Clear regions and large ones weigh more: a mask is judged by its pixels. */
function regionWeights(c: Case): Float32Array {
  const { area, count, width, height } = c.regions.topology
  const mean = (width * height) / count
  return Float32Array.from(
    area,
    (a, i) => (Math.abs(2 * c.share[i] - 1) + 0.05) * Math.min(3, Math.sqrt(a / mean)),
  )
}

/** Regions within two steps of the object's rim. */
function rimRegions(c: Case): Int32Array {
  const { count, start, neighbour } = c.regions.topology
  const near = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    for (let k = start[i]; k < start[i + 1]; k++) {
      if (c.share[i] > 0.5 !== c.share[neighbour[k]] > 0.5) near[i] = 1
    }
  }
  const wide = near.slice()
  for (let i = 0; i < count; i++) {
    if (near[i] === 1) for (let k = start[i]; k < start[i + 1]; k++) wide[neighbour[k]] = 1
  }
  const out: number[] = []
  for (let i = 0; i < count; i++) if (wide[i] === 1) out.push(i)
  return Int32Array.from(out)
}

function sampleRegions(count: number, rim: Int32Array, random: () => number): Int32Array {
  const out: number[] = []
  for (let k = 0; k < SAMPLES; k++) {
    out.push(Math.floor(random() * count))
    if (rim.length > 0 && k < rim.length) out.push(rim[Math.floor(random() * rim.length)])
  }
  return Int32Array.from(out)
}
