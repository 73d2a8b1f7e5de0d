/** Gradient-boosted trees for log-loss on binned features: leaf-wise growth, histograms, a fixed seed. */
import { seededRandom } from '../src/select/numeric.ts'
import { fromHalf, toHalf } from '../src/select/trees.ts'
import { packForest, type Tree } from './pack-forest.ts'

const BINS = 128
/** Of more rows every second, third, ... is learned from: rows of one photo tell much the same. */
const MOST_ROWS = 350_000
/** Steps of a leaf's value, against the learning rate: leaves are stored as whole steps of eight bits. */
const STEPS = 16

export interface Table {
  readonly rows: number
  readonly columns: number
  /** rows x columns */
  readonly values: Float32Array
  /** 0-1 */
  readonly target: Float32Array
  readonly weight: Float32Array
}

export interface BoostOptions {
  readonly trees: number
  readonly leaves: number
  readonly rate: number
  readonly seed: number
  /** Share of rows and of columns that each tree sees. */
  readonly rowShare: number
  readonly columnShare: number
  readonly smallestLeaf: number
}

interface Node {
  start: number
  end: number
  histogram: Float64Array
  g: number
  h: number
  gain: number
  feature: number
  bin: number
}

/** Trains and returns the bytes that `readForest` reads. */
export function boost(all: Table, options: BoostOptions): Uint8Array {
  const table = thin(all)
  const random = seededRandom(options.seed)
  const { columns, rows, target, weight } = table
  const { cuts, bins } = quantise(table, random)
  const score = new Float32Array(rows)
  let positive = 0
  let total = 0
  for (let r = 0; r < rows; r++) {
    positive += weight[r] * target[r]
    total += weight[r]
  }
  const meanWeight = total / rows
  const base = Math.log(positive / (total - positive))
  score.fill(base)
  const gradient = new Float32Array(rows)
  const hessian = new Float32Array(rows)
  const trees: Tree[] = []
  /** The last tree that a row was learned from, counted from 1. */
  const seenBy = new Uint16Array(rows)
  const index = new Int32Array(rows)
  for (let t = 0; t < options.trees; t++) {
    let count = 0
    for (let r = 0; r < rows; r++) {
      const p = 1 / (1 + Math.exp(-score[r]))
      const w = weight[r] / meanWeight
      gradient[r] = w * (p - target[r])
      hessian[r] = Math.max(1e-6, w * p * (1 - p))
      if (random() < options.rowShare) index[count++] = r
    }
    const chosen: number[] = []
    for (let c = 0; c < columns; c++) if (random() < options.columnShare) chosen.push(c)
    const tree = grow(index, count, chosen, t + 1)
    trees.push(tree)
    for (let r = 0; r < rows; r++) if (seenBy[r] !== t + 1) score[r] += predict(tree, r)
  }
  return packForest(trees, base, options.rate / STEPS)

  function grow(rowsOf: Int32Array, count: number, chosen: number[], number: number): Tree {
    const tree: Tree = { feature: [], threshold: [], left: [], right: [], leaf: [] }
    const scratch = new Int32Array(count)
    const og = new Float32Array(count)
    const oh = new Float32Array(count)
    const fillHistogram = (node: Node): void => {
      for (let i = node.start; i < node.end; i++) {
        og[i] = gradient[rowsOf[i]]
        oh[i] = hessian[rowsOf[i]]
      }
      const h = node.histogram
      for (const c of chosen) {
        const column = bins[c]
        const offset = c * BINS * 2
        for (let i = node.start; i < node.end; i++) {
          const at = offset + column[rowsOf[i]] * 2
          h[at] += og[i]
          h[at + 1] += oh[i]
        }
      }
    }
    const findSplit = (node: Node): void => {
      node.gain = 0
      const parent = (node.g * node.g) / (node.h + 1)
      for (const c of chosen) {
        let g = 0
        let h = 0
        const offset = c * BINS * 2
        for (let b = 0; b < cuts[c].length; b++) {
          g += node.histogram[offset + 2 * b]
          h += node.histogram[offset + 2 * b + 1]
          const rest = node.h - h
          if (h < options.smallestLeaf || rest < options.smallestLeaf) continue
          const gain = (g * g) / (h + 1) + ((node.g - g) * (node.g - g)) / (rest + 1) - parent
          if (gain > node.gain) {
            node.gain = gain
            node.feature = c
            node.bin = b
          }
        }
      }
    }
    const makeNode = (start: number, end: number): Node => {
      const node: Node = {
        start,
        end,
        histogram: new Float64Array(columns * BINS * 2),
        g: 0,
        h: 0,
        gain: 0,
        feature: -1,
        bin: 0,
      }
      for (let i = start; i < end; i++) {
        node.g += gradient[rowsOf[i]]
        node.h += hessian[rowsOf[i]]
      }
      return node
    }
    const rootNode = makeNode(0, count)
    fillHistogram(rootNode)
    findSplit(rootNode)
    /** Where each open node hangs: split index and side, -1 for the root. */
    const open: { node: Node; split: number; side: 'left' | 'right' }[] = [
      { node: rootNode, split: -1, side: 'left' },
    ]
    while (open.length < options.leaves) {
      let best = -1
      for (let i = 0; i < open.length; i++) {
        if (open[i].node.gain > 1e-6 && (best < 0 || open[i].node.gain > open[best].node.gain)) best = i
      }
      if (best < 0) break
      const { node, split, side } = open[best]
      const me = tree.feature.length
      if (split >= 0) tree[side][split] = me
      tree.feature.push(node.feature)
      tree.threshold.push(cuts[node.feature][node.bin])
      tree.left.push(0)
      tree.right.push(0)
      const column = bins[node.feature]
      let low = node.start
      let kept = 0
      for (let i = node.start; i < node.end; i++) {
        const r = rowsOf[i]
        if (column[r] <= node.bin) rowsOf[low++] = r
        else scratch[kept++] = r
      }
      for (let i = 0; i < kept; i++) rowsOf[low + i] = scratch[i]
      const left = makeNode(node.start, low)
      const right = makeNode(low, node.end)
      const [small, large] = low - node.start < node.end - low ? [left, right] : [right, left]
      fillHistogram(small)
      for (let k = 0; k < large.histogram.length; k++)
        large.histogram[k] = node.histogram[k] - small.histogram[k]
      findSplit(left)
      findSplit(right)
      open.splice(best, 1, { node: left, split: me, side: 'left' }, { node: right, split: me, side: 'right' })
    }
    for (const { node, split, side } of open) {
      const leaf = tree.leaf.length
      const steps = Math.round((-node.g / (node.h + 1)) * STEPS)
      const value = Math.max(-127, Math.min(127, steps)) * (options.rate / STEPS)
      tree.leaf.push(value)
      for (let i = node.start; i < node.end; i++) {
        score[rowsOf[i]] += value
        seenBy[rowsOf[i]] = number
      }
      if (split >= 0) tree[side][split] = 128 + leaf
    }
    if (tree.feature.length === 0) {
      tree.feature.push(0)
      tree.threshold.push(0)
      tree.left.push(128)
      tree.right.push(128)
      tree.leaf.push(0)
    }
    return tree
  }

  function predict(tree: Tree, row: number): number {
    let node = 0
    for (;;) {
      const value = table.values[row * columns + tree.feature[node]]
      node = value <= tree.threshold[node] ? tree.left[node] : tree.right[node]
      if (node >= 128) return tree.leaf[node - 128]
    }
  }
}

function thin(table: Table): Table {
  const step = Math.ceil(table.rows / MOST_ROWS)
  if (step <= 1) return table
  const rows = Math.floor(table.rows / step)
  const { columns } = table
  const values = new Float32Array(rows * columns)
  for (let r = 0; r < rows; r++) {
    values.set(table.values.subarray(r * step * columns, (r * step + 1) * columns), r * columns)
  }
  const pick = (list: Float32Array): Float32Array =>
    Float32Array.from({ length: rows }, (_, r) => list[r * step])
  return { rows, columns, values, target: pick(table.target), weight: pick(table.weight) }
}

/** Cuts at quantiles of a sample; a value is in bin b where it is above cut b - 1 and at most cut b. */
function quantise(table: Table, random: () => number): { cuts: Float32Array[]; bins: Uint8Array[] } {
  const { rows, columns, values } = table
  const cuts: Float32Array[] = []
  const bins: Uint8Array[] = []
  const sample = Int32Array.from({ length: Math.min(rows, 40000) }, () => Math.floor(random() * rows))
  for (let c = 0; c < columns; c++) {
    const sorted = Float32Array.from(sample, (r) => values[r * columns + c]).sort()
    const list: number[] = []
    for (let b = 1; b < BINS; b++) {
      const at = Math.floor((b * sorted.length) / BINS)
      const cut = fromHalf(toHalf(sorted[at]))
      if (cut < sorted[sorted.length - 1] && (list.length === 0 || cut > list[list.length - 1]))
        list.push(cut)
    }
    const cut = Float32Array.from(list)
    const column = new Uint8Array(rows)
    for (let r = 0; r < rows; r++) {
      const v = values[r * columns + c]
      let low = 0
      let high = cut.length
      while (low < high) {
        const middle = (low + high) >> 1
        if (cut[middle] < v) low = middle + 1
        else high = middle
      }
      column[r] = low
    }
    cuts.push(cut)
    bins.push(column)
  }
  return { cuts, bins }
}

/** Area under the ROC curve of log-odds on some rows. */
export function areaUnderCurve(score: ArrayLike<number>, target: ArrayLike<number>): number {
  const order = Array.from({ length: score.length }, (_, i) => i).sort((a, b) => score[a] - score[b])
  let positives = 0
  let rankSum = 0
  order.forEach((i, rank) => {
    if (target[i] > 0.5) {
      positives++
      rankSum += rank + 1
    }
  })
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * (order.length - positives))
}
