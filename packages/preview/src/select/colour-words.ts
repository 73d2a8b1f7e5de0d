import { seededRandom } from './numeric.ts'
import type { WorkingImage } from './working-image.ts'

/** Colours by which regions are compared: k-means centres of the photo's own Lab values. */
export const WORDS = 24
const SAMPLES = 3000

/** Which words stand in a histogram at all, a few of the many: of region i word[first[i]] to word[first[i + 1] - 1]. */
export interface WordLists {
  readonly first: Int32Array
  readonly word: Uint8Array
}

/** The words of each region's histogram (regions x WORDS), in ascending order. */
export function listWords(histogram: Float32Array): WordLists {
  const count = histogram.length / WORDS
  const first = new Int32Array(count + 1)
  const word = new Uint8Array(histogram.length)
  let at = 0
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < WORDS; k++) if (histogram[i * WORDS + k] !== 0) word[at++] = k
    first[i + 1] = at
  }
  return { first, word: word.slice(0, at) }
}

/** Copies the shares of some regions (of regions x WORDS) to WORDS x `columns`, so that many are compared at once. */
export function spreadWords(
  shares: Float32Array,
  regions: ArrayLike<number>,
  columns: number,
  into: Float32Array | Float64Array,
): void {
  for (let j = 0; j < regions.length; j++) {
    for (let k = 0; k < WORDS; k++) into[k * columns + j] = shares[regions[j] * WORDS + k]
  }
}

/** The photo's colour words (k-means++ with a fixed seed, five rounds): WORDS x 3 Lab values. */
export function findColourWords(image: WorkingImage): Float32Array {
  const random = seededRandom(1)
  const pixels = image.width * image.height
  const sample = new Float32Array(SAMPLES * 3)
  for (let i = 0; i < SAMPLES; i++) {
    const p = Math.floor(random() * pixels) * 3
    for (let c = 0; c < 3; c++) sample[i * 3 + c] = image.lab[p + c]
  }
  const centres = new Float32Array(WORDS * 3)
  centres.set(sample.subarray(0, 3))
  const distance = new Float64Array(SAMPLES).fill(Number.POSITIVE_INFINITY)
  for (let k = 1; k < WORDS; k++) {
    let total = 0
    for (let i = 0; i < SAMPLES; i++) {
      const d = squaredDistance(sample, i, centres, k - 1)
      if (d < distance[i]) distance[i] = d
      total += distance[i]
    }
    let left = random() * total
    let pick = 0
    for (; pick < SAMPLES - 1 && left >= distance[pick]; pick++) left -= distance[pick]
    centres.set(sample.subarray(pick * 3, pick * 3 + 3), k * 3)
  }
  const sums = new Float64Array(WORDS * 4)
  for (let round = 0; round < 5; round++) {
    sums.fill(0)
    for (let i = 0; i < SAMPLES; i++) {
      const k = nearest(sample, i, centres)
      for (let c = 0; c < 3; c++) sums[k * 4 + c] += sample[i * 3 + c]
      sums[k * 4 + 3]++
    }
    for (let k = 0; k < WORDS; k++) {
      if (sums[k * 4 + 3] === 0) continue
      for (let c = 0; c < 3; c++) centres[k * 3 + c] = sums[k * 4 + c] / sums[k * 4 + 3]
    }
  }
  return centres
}

function squaredDistance(a: Float32Array, i: number, b: Float32Array, k: number): number {
  const dl = a[i * 3] - b[k * 3]
  const da = a[i * 3 + 1] - b[k * 3 + 1]
  const db = a[i * 3 + 2] - b[k * 3 + 2]
  return dl * dl + da * da + db * db
}

/** Index of the word nearest to Lab value i of a list. */
export function nearest(lab: Float32Array, i: number, centres: Float32Array): number {
  let best = Number.POSITIVE_INFINITY
  let word = 0
  const l = lab[i * 3]
  const a = lab[i * 3 + 1]
  const b = lab[i * 3 + 2]
  for (let k = 0; k < WORDS; k++) {
    const dl = l - centres[k * 3]
    let d = dl * dl
    if (d >= best) continue
    const da = a - centres[k * 3 + 1]
    const db = b - centres[k * 3 + 2]
    d += da * da + db * db
    if (d < best) {
      best = d
      word = k
    }
  }
  return word
}
