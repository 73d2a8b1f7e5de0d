import { toHalf } from '../src/select/trees.ts'

/** A tree as it grows: a child below 128 is a split, 128 + k is leaf k. */
export interface Tree {
  feature: number[]
  threshold: number[]
  left: number[]
  right: number[]
  leaf: number[]
}

/** The bytes that `readForest` reads (layout: select/trees.ts); leaves are whole multiples of `step`. */
export function packForest(trees: Tree[], base: number, step: number): Uint8Array {
  const shape: number[] = []
  const feature: number[] = []
  const threshold: number[] = []
  const leaf: number[] = []
  const walk = (tree: Tree, node: number): void => {
    shape.push(node < 128 ? 1 : 0)
    if (node >= 128) {
      leaf.push(Math.round(tree.leaf[node - 128] / step))
      return
    }
    feature.push(tree.feature[node])
    threshold.push(toHalf(tree.threshold[node]))
    walk(tree, tree.left[node])
    walk(tree, tree.right[node])
  }
  for (const tree of trees) walk(tree, 0)
  const head = 12
  const bits = Math.ceil(shape.length / 8)
  const splits = feature.length
  const out = new Uint8Array(head + bits + 3 * splits + leaf.length)
  const view = new DataView(out.buffer)
  view.setUint16(0, trees.length, true)
  view.setUint16(2, splits, true)
  view.setFloat32(4, base, true)
  view.setFloat32(8, step, true)
  shape.forEach((bit, k) => {
    out[head + (k >> 3)] |= bit << (k & 7)
  })
  out.set(feature, head + bits)
  threshold.forEach((half, s) => {
    out[head + bits + splits + s] = half & 255
    out[head + bits + 2 * splits + s] = half >> 8
  })
  leaf.forEach((steps, k) => {
    view.setInt8(head + bits + 3 * splits + k, steps)
  })
  return out
}
