/**
 * Learns the edge affinity and the two stages of the region classifier from a folder of photos with object masks:
 *   pnpm train --data DIR [--cache DIR] [--out FILE] [--every N]
 * Seeded; two folds by photo, so that nothing is simulated or reported on a photo from which it was learned.
 */
import { fork } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { edgeAffinity, evaluateEdges, WIDE_EDGE_FEATURES, wideEdgeFeatures } from '../src/select/affinity.ts'
import { Classifier, type Learned, type Situation, type Stages } from '../src/select/classifier.ts'
import { STAGE_TWO } from '../src/select/context.ts'
import { CUT_FEATURES, LEVELS } from '../src/select/cut-features.ts'
import { EDGE_FEATURES, edgeFeatures } from '../src/select/edge-features.ts'
import { FEATURES } from '../src/select/feature-columns.ts'
import { seededRandom, sigmoid } from '../src/select/numeric.ts'
import { buildRegionGraph } from '../src/select/region-graph.ts'
import { evaluate, type Forest, readForest } from '../src/select/trees.ts'
import { areaUnderCurve, type BoostOptions, type Table } from './boost.ts'
import { type Case, loadCases } from './cases.ts'
import { Rows } from './rows.ts'
import { type CutState, openings, type Policy, playCase, type State } from './simulate.ts'

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    cache: { type: 'string', default: join(tmpdir(), 'gen3d-train') },
    out: { type: 'string', default: 'packages/preview/src/select/generated/model.ts' },
    every: { type: 'string', default: '1' },
    trees: { type: 'string', default: '100' },
  },
})
if (options.data === undefined) throw new Error('Say where the photos are: --data DIR (with index.json).')

const begun = Date.now()
const say = (...words: unknown[]): void => console.log(Math.round((Date.now() - begun) / 1000), ...words)
const BOOST: BoostOptions = {
  trees: Number(options.trees),
  leaves: 31,
  rate: 0.12,
  seed: 5,
  rowShare: 0.3,
  columnShare: 0.5,
  smallestLeaf: 20,
}

const AFFINITY_BOOST: BoostOptions = { ...BOOST, trees: 80 }
const CUT_BOOST: BoostOptions = {
  ...BOOST,
  trees: 80,
  leaves: 15,
  rate: 0.08,
  rowShare: 0.6,
  smallestLeaf: 12,
}
const NOTHING: Learned = { stages: { one: null, box: null, more: null }, cut: null }

/** Forests by fold. */
interface Pairs {
  readonly first: readonly (Forest | null)[]
  readonly second: readonly (Forest | null)[]
}

const cases = await loadCases(options.data, options.cache, Number(options.every))
const photos = [...new Set(cases.map((c) => c.row.image))].sort()
const foldOf = new Map(photos.map((image, i) => [image, i % 2]))
const fold = (c: Case): number => foldOf.get(c.row.image) ?? 0
say('loaded', cases.length, 'objects in', photos.length, 'photos')

const affinityRows = collectEdges(EDGE_FEATURES, (c) => edgeFeatures(c.regions))
const affinity = await trainFolds(affinityRows, AFFINITY_BOOST, 'affinity')
const wideRows = collectEdges(WIDE_EDGE_FEATURES, (c) => {
  const features = edgeFeatures(c.regions)
  const once = evaluateEdges(affinity.folds[fold(c)], features, EDGE_FEATURES)
  return wideEdgeFeatures(c.regions.topology, features, once)
})
const wideAffinity = await trainFolds(wideRows, AFFINITY_BOOST, 'affinity, second look')
const classifiers = new Map<string, Classifier>()
for (const c of cases) {
  if (classifiers.has(c.row.image)) continue
  const graph = buildRegionGraph(
    c.regions.topology,
    edgeAffinity(c.regions, { first: affinity.folds[fold(c)], second: wideAffinity.folds[fold(c)] }),
    c.regions.description,
    c.regions.histogram,
  )
  classifiers.set(c.row.image, new Classifier(graph, NOTHING))
}
say('graphs')

const opening = collectOpenings()
const one = await trainPair('one')
const box = await trainPair('box')
const NONE = [null, null] as const
let cutFolds: readonly (Forest | null)[] = NONE
let more: Pairs = { first: NONE, second: NONE }
let played = simulate({ clicks: 4, boxClicks: 1 }, 0.25)
let first = await trainFolds(stageOneRows(played.states), { ...BOOST, trees: 40 }, 'first stage, round 0')
more = { first: first.folds, second: NONE }
played = simulate({ clicks: 7, boxClicks: 1 }, 0.4)
first = await trainFolds(stageOneRows(played.states), { ...BOOST, trees: 70 }, 'first stage, round 1')
const second = await trainFolds(
  stageTwoRows(played.states, first.folds),
  { ...BOOST, trees: 70 },
  'second stage, round 1',
)
more = { first: first.folds, second: second.folds }
cutFolds = (await trainFolds(cutRows(played.cuts), CUT_BOOST, 'cuts, round 1', false)).folds
const early = played.states
played = simulate({ clicks: 8, boxClicks: 2 }, 0.8)
const states = [...early, ...played.states]
const firstRows = stageOneRows(states)
first = await trainFolds(firstRows, BOOST, 'first stage, round 2')
const secondRows = stageTwoRows(states, first.folds)
const [AFFINITY, AFFINITY_SECOND, FIRST_ONE, SECOND_ONE, FIRST_BOX, SECOND_BOX, FIRST, SECOND, CUT] = [
  await trainAll(affinityRows, AFFINITY_BOOST),
  await trainAll(wideRows, AFFINITY_BOOST),
  await trainAll(one.firstRows, BOOST),
  await trainAll(one.secondRows, BOOST),
  await trainAll(box.firstRows, BOOST),
  await trainAll(box.secondRows, BOOST),
  await trainAll(firstRows, BOOST),
  await trainAll(secondRows, BOOST),
  await trainAll(cutRows(played.cuts), CUT_BOOST),
]
writeModel({ AFFINITY, AFFINITY_SECOND, FIRST_ONE, SECOND_ONE, FIRST_BOX, SECOND_BOX, FIRST, SECOND, CUT })

function collectOpenings(): State[] {
  const random = seededRandom(9)
  return cases.flatMap((c) => {
    const classifier = classifiers.get(c.row.image)
    return classifier === undefined ? [] : openings(c, classifier, random, fold(c))
  })
}

/** Both stages of a situation that hangs on no earlier answer. */
async function trainPair(situation: Situation) {
  const list = opening.filter((s) => s.situation === situation)
  const firstRows = stageOneRows(list)
  const first = await trainFolds(firstRows, BOOST, `first stage, ${situation}`)
  const secondRows = stageTwoRows(list, first.folds)
  const second = await trainFolds(secondRows, BOOST, `second stage, ${situation}`)
  return { first: first.folds, second: second.folds, firstRows, secondRows }
}

function writeModel(forests: Readonly<Record<string, Uint8Array>>): void {
  const lines = Object.entries(forests).map(
    ([name, bytes]) => `export const ${name} = '${Buffer.from(bytes).toString('base64')}'\n`,
  )
  const body = `// Written by packages/preview/train/train.ts; see README.md here.\n${lines.join('')}`
  writeFileSync(options.out, body)
  say('wrote', options.out, body.length, 'bytes')
}

/** Trains forests side by side, each in a process. */
function boostAll(tables: readonly Table[], boosting: BoostOptions): Promise<Uint8Array[]> {
  return Promise.all(
    tables.map(
      (table) =>
        new Promise<Uint8Array>((resolve, reject) => {
          const worker = fork(new URL('./boost-worker.ts', import.meta.url), { serialization: 'advanced' })
          worker.once('message', (bytes) => resolve(bytes as Uint8Array))
          worker.once('error', reject)
          worker.once('exit', (code) => reject(new Error(`training ended with exit code ${code}`)))
          worker.send({ table, options: boosting })
        }),
    ),
  )
}

async function trainAll(rows: Rows, boosting: BoostOptions): Promise<Uint8Array> {
  const [bytes] = await boostAll([rows.table(() => true)], boosting)
  return bytes
}

function simulate(policy: Policy, share: number): { states: State[]; cuts: CutState[] } {
  const random = seededRandom(11)
  const states: State[] = []
  const cuts: CutState[] = []
  const scores: number[][] = []
  const boxScores: number[] = []
  const stagesOf = (pairs: Pairs, k: number): Stages | null => {
    const first = pairs.first[k]
    return first === null ? null : { first, second: pairs.second[k] }
  }
  for (const c of cases) {
    const skip = random() > share
    if (skip) continue
    const classifier = classifiers.get(c.row.image)
    if (classifier === undefined) continue
    const k = fold(c)
    classifier.learned = {
      stages: { one: stagesOf(one, k), box: stagesOf(box, k), more: stagesOf(more, k) },
      cut: cutFolds[k],
    }
    const played = playCase(c, classifier, policy, random, k, more.second[k] !== null || share < 0.5)
    states.push(...played.states)
    cuts.push(...played.cuts)
    scores.push(played.clickScores)
    if (played.boxScore !== null) boxScores.push(played.boxScore)
  }
  const at = (k: number): string =>
    (scores.reduce((sum, s) => sum + (s[Math.min(k, s.length) - 1] ?? 1), 0) / scores.length).toFixed(4)
  const boxAlone = (boxScores.reduce((a, b) => a + b, 0) / boxScores.length).toFixed(4)
  const figures = [1, 2, 3, 5, policy.clicks].map((k) => `@${k} ${at(k)}`).join(' ')
  say('simulated', states.length, 'states; unseen IoU', figures, 'box', boxAlone)
  return { states, cuts }
}

/** How good a mask each cut gives. */
function cutRows(list: readonly CutState[]): Rows {
  const rows = new Rows(CUT_FEATURES)
  for (const s of list) {
    for (let l = 0; l < LEVELS.length; l++) {
      rows.add(s.values, l, s.iou[l], s.weight, s.fold)
    }
  }
  return rows
}

function collectEdges(columns: number, describe: (c: Case) => Float32Array): Rows {
  const random = seededRandom(3)
  const rows = new Rows(columns)
  const known = new Map<string, Float32Array>()
  for (const c of cases) {
    const features = known.get(c.row.image) ?? describe(c)
    known.set(c.row.image, features)
    const { edgeA, edgeB } = c.regions.topology
    const f = fold(c)
    let kept = 0
    for (let e = 0; e < edgeA.length; e++) {
      const a = c.share[edgeA[e]]
      const b = c.share[edgeB[e]]
      const apart = (a > 0.8 && b < 0.2) || (a < 0.2 && b > 0.8)
      const together = a > 0.85 && b > 0.85
      if (!apart && !together) continue
      if (together && random() > 0.6) continue
      rows.add(features, e, apart ? 0 : 1, apart ? 2 : 1, f)
      kept++
    }
    // Background edges say little, for other objects lie there; the plain grounds of composites hold none at all.
    if (c.row.set === 'composite') continue
    for (let k = 0; k < kept / 6; k++) {
      const e = Math.floor(random() * edgeA.length)
      if (c.share[edgeA[e]] < 0.05 && c.share[edgeB[e]] < 0.05) rows.add(features, e, 1, 0.5, f)
    }
  }
  return rows
}

function stageOneRows(list: readonly State[]): Rows {
  const rows = new Rows(FEATURES)
  for (const s of list) {
    for (const i of s.sample) rows.add(s.features, i, s.share[i] > 0.5 ? 1 : 0, s.weight[i], s.fold)
  }
  return rows
}

function stageTwoRows(list: readonly State[], folds: readonly Forest[]): Rows {
  const rows = new Rows(STAGE_TWO)
  for (const s of list) {
    const n = s.share.length
    const odds = new Float32Array(n)
    const probability = new Float32Array(n)
    for (let i = 0; i < n; i++) {
      odds[i] = evaluate(folds[s.fold], s.features, FEATURES, i)
      probability[i] = sigmoid(odds[i])
    }
    const wide = s.classifier.context.compute(s.features, odds, probability, s.seeds, s.memory, s.sample)
    for (const i of s.sample) rows.add(wide, i, s.share[i] > 0.5 ? 1 : 0, s.weight[i], s.fold)
  }
  return rows
}

/** Trains on each half of the photos; `folds[k]` has not seen the photos of fold k. */
async function trainFolds(
  rows: Rows,
  boosting: BoostOptions,
  name: string,
  judge = true,
): Promise<{ folds: Forest[] }> {
  const tables = [0, 1].map((k) => rows.table((f) => f !== k))
  const bytes = await boostAll(tables, boosting)
  const folds = bytes.map(readForest)
  const auc = (judge ? folds : []).map((forest, k) => {
    const unseen = rows.table((f) => f === k, 60000)
    const score = Float32Array.from({ length: unseen.rows }, (_, r) =>
      evaluate(forest, unseen.values, unseen.columns, r),
    )
    return areaUnderCurve(score, unseen.target).toFixed(4)
  })
  say(name, rows.length, 'rows, AUC on unseen photos', ...auc)
  return { folds }
}
