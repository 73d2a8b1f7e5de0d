/** Plays the click protocol at working size and keeps what the classifier saw. */
import type { Classifier, Situation } from '../src/select/classifier.ts'
import { LEVELS } from '../src/select/cut-features.ts'
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
  readonly situation: Situation
  readonly seeds: Seeds
  readonly features: Float32Array
  readonly memory: Memory
  readonly share: Float32Array
  /** Regions that are learned from, and the weight of every region. */
  readonly sample: Int32Array
  readonly weight: Float32Array
  readonly fold: number
}

/** The cuts of one answer: what they look like (LEVELS x CUT_FEATURES) and how good each mask is (IoU). */
export interface CutState {
  readonly values: Float32Array
  readonly iou: Float32Array
  readonly weight: number
  readonly fold: number
}

const SAMPLES = 48
/** The openings are few, so more is learned from each. */
const OPENING_SAMPLES = 130

/** The states that hang on no answer: the robot's first click and two near it, the tight box and a loose one. */
export function openings(c: Case, classifier: Classifier, random: () => number, fold: number): State[] {
  const weight = regionWeights(c)
  const rim = rimRegions(c)
  const seeds: Seeds[] = []
  const click = new Robot(halved(c.truth)).next(
    new Uint8Array(((c.truth.width + 1) >> 1) * ((c.truth.height + 1) >> 1)),
  )
  if (click !== null) {
    const first = seedAtHalf(c, click.x, click.y)
    seeds.push({ inside: [first], outside: [], box: null })
    const near = nearby(c, first, random)
    if (near !== null) seeds.push({ inside: [near], outside: [], box: null })
  }
  const stray = randomInside(c, random)
  if (stray !== null && random() < 0.3) seeds.push({ inside: [stray], outside: [], box: null })
  const [x0, y0, x1, y1] = tightBox(c.truth)
  seeds.push({ inside: [], outside: [], box: [x0, y0, x1 + 1, y1 + 1] })
  const loose = (side: number): number => (random() - 0.4) * 0.08 * side
  const [w, h] = [x1 + 1 - x0, y1 + 1 - y0]
  seeds.push({
    inside: [],
    outside: [],
    box: [
      Math.max(0, x0 - loose(w)),
      Math.max(0, y0 - loose(h)),
      Math.min(c.truth.width, x1 + 1 + loose(w)),
      Math.min(c.truth.height, y1 + 1 + loose(h)),
    ],
  })
  return seeds.map((s) => ({
    classifier,
    situation: s.box === null ? 'one' : 'box',
    seeds: s,
    memory: { previous: null, last: s.box === null ? { seed: s.inside[0], label: 1 } : null },
    features: classifier.features.compute(s).slice(),
    share: c.share,
    sample: sampleRegions(c.regions.topology.count, rim, random, OPENING_SAMPLES),
    weight,
    fold,
  }))
}

/** One game of clicks, one of a box and clicks; `keepCuts` also describes the cuts of every answer. */
export function playCase(
  c: Case,
  classifier: Classifier,
  policy: Policy,
  random: () => number,
  fold: number,
  keepCuts: boolean,
) {
  const states: State[] = []
  const cuts: CutState[] = []
  const weight = regionWeights(c)
  const rim = rimRegions(c)
  const { topology } = c.regions
  const guess = new Uint8Array(c.truth.mask.length)
  const half = halved(c.truth)
  const halfGuess = new Uint8Array(half.mask.length)
  let shown: Float32Array | null = null
  const decide = (seeds: Seeds, last: Memory['last']): number => {
    const memory: Memory = { previous: shown, last }
    classifier.likelihood(seeds, memory)
    if (keepCuts) cuts.push(describeCuts(c, classifier, seeds, memory, fold))
    const probability = classifier.settle(seeds, memory)
    shown = probability.slice()
    const { situation } = classifier
    if (situation === 'more') {
      states.push({
        classifier,
        situation,
        seeds,
        memory,
        features: classifier.features.values.slice(),
        share: c.share,
        sample: sampleRegions(topology.count, rim, random, SAMPLES),
        weight,
        fold,
      })
    }
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
      const seed = seedAtHalf(c, click.x, click.y)
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
  return { states, cuts, clickScores, boxScore: boxScores[0] ?? null }
}

/** The features of the cuts of the classifier's likelihood, and the IoU of each with the truth. */
function describeCuts(c: Case, classifier: Classifier, seeds: Seeds, memory: Memory, fold: number): CutState {
  const { area, count } = c.regions.topology
  const { probability } = classifier
  const iou = new Float32Array(LEVELS.length)
  LEVELS.forEach((level, l) => {
    let both = 0
    let either = 1e-9
    for (let i = 0; i < count; i++) {
      const within = c.share[i] * area[i]
      if (probability[i] > level) {
        both += within
        either += area[i]
      } else either += within
    }
    iou[l] = both / either
  })
  const { situation } = classifier
  return {
    values: classifier.chooser.features.compute(probability, seeds, memory.previous).slice(),
    iou,
    weight: situation === 'more' ? 1 : 2.5,
    fold,
  }
}

function seedAtHalf(c: Case, x: number, y: number): Seed {
  const { labels, width } = c.regions.topology
  return { x: 2 * x + 0.5, y: 2 * y + 0.5, region: labels[2 * y * width + 2 * x] }
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

/** A click within half the largest disc's radius of the best one. */
function nearby(c: Case, first: Seed, random: () => number): Seed | null {
  const { width, height, labels } = c.regions.topology
  const { mask } = c.truth
  const inside = (x: number, y: number): boolean =>
    x >= 0 && y >= 0 && x < width && y < height && mask[y * width + x] === 1
  const x0 = Math.floor(first.x)
  const y0 = Math.floor(first.y)
  let radius = 1
  const clear = (r: number): boolean =>
    inside(x0 + r, y0) && inside(x0 - r, y0) && inside(x0, y0 + r) && inside(x0, y0 - r)
  while (clear(radius + 1)) radius++
  for (let attempt = 0; attempt < 200; attempt++) {
    const x = x0 + Math.floor((random() - 0.5) * radius)
    const y = y0 + Math.floor((random() - 0.5) * radius)
    if (inside(x, y)) return { x: x + 0.5, y: y + 0.5, region: labels[y * width + x] }
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

function sampleRegions(count: number, rim: Int32Array, random: () => number, samples: number): Int32Array {
  const out: number[] = []
  for (let k = 0; k < samples; k++) {
    out.push(Math.floor(random() * count))
    if (rim.length > 0 && k < rim.length) out.push(rim[Math.floor(random() * rim.length)])
  }
  return Int32Array.from(out)
}
