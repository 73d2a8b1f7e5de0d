import { exp } from './numeric.ts'
import type { Topology } from './topology.ts'

/** A cut of the regions' probabilities: those above `threshold` are the object. */
export interface Cut {
  readonly threshold: number
  /** Expected IoU, 0-1, were regions independent. */
  readonly score: number
}

/** Cuts that differ by less than this much (IoU) are one answer. */
const ALIKE = 0.9
/** Thresholds of the tight and the generous answer. */
const TIGHT = 0.8
const GENEROUS = 0.22

/**
 * The cuts worth offering, best first: the likely one, then, while the prompts leave it open, a
 * tighter and a more generous one (the part, the whole, the group).
 */
export function findCuts(topology: Topology, probability: Float32Array, open: boolean): Cut[] {
  const threshold = likelyThreshold(probability)
  const cuts: Cut[] = [{ threshold, score: expectedOverlap(topology, probability, threshold) }]
  if (!open) return cuts
  for (const other of [TIGHT, GENEROUS]) {
    if (cuts.every((c) => overlap(topology, probability, c.threshold, other) < ALIKE)) {
      const score = expectedOverlap(topology, probability, other)
      if (score > 0.05) cuts.push({ threshold: other, score: Math.min(score, cuts[0].score) })
    }
  }
  return [cuts[0], ...cuts.slice(1).sort((a, b) => b.score - a.score)]
}

/** The same cut with its threshold moved by log-odds: above 0 tighter, below more generous. */
export function shiftCut({ threshold, score }: Cut, shift: number): Cut {
  return { threshold: 1 / (1 + (1 / threshold - 1) * exp(-shift)), score }
}

/** One half; below that where no region reaches it, so that a box or a click never answers with nothing. */
function likelyThreshold(probability: Float32Array): number {
  let most = 0
  for (const p of probability) if (p > most) most = p
  return most > 0.5 || most < 1e-3 ? 0.5 : most * 0.9
}

/** Expected intersection over expected union of a cut with the truth. */
function expectedOverlap(topology: Topology, probability: Float32Array, threshold: number): number {
  let both = 0
  let either = 1e-9
  for (let i = 0; i < topology.count; i++) {
    const expected = topology.area[i] * probability[i]
    if (probability[i] > threshold) {
      both += expected
      either += topology.area[i]
    } else {
      either += expected
    }
  }
  return both / either
}

/** IoU of two cuts. */
function overlap(topology: Topology, probability: Float32Array, a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a]
  let inner = 0
  let outer = 1e-9
  for (let i = 0; i < topology.count; i++) {
    if (probability[i] > high) inner += topology.area[i]
    if (probability[i] > low) outer += topology.area[i]
  }
  return inner / outer
}
