import { findColourWords, nearest, WORDS } from './colour-words.ts'
import { type Cues, computeCues, GRADIENTS, TEXTURES } from './cues.ts'
import { smoothWithinEdges } from './filters.ts'
import { mergeRegions } from './merge-regions.ts'
import { slic } from './superpixels.ts'
import { buildTopology, type Topology } from './topology.ts'
import type { WorkingImage } from './working-image.ts'

/** SLIC cells, and how many regions remain of them at most. */
const CELLS = 2600
const REGIONS = 1300

/** Columns of a region's description: mean Lab, spread of Lab, texture in four orientations. */
export const DESCRIPTION = 6 + TEXTURES

export interface Regions {
  readonly topology: Topology
  /** count x DESCRIPTION */
  readonly description: Float32Array
  /** count x WORDS, parts of 255. */
  readonly histogram: Uint8Array
  /** edges x GRADIENTS: mean gradient along each edge. */
  readonly edgeGradient: Float32Array
}

/** Cuts a working image into regions, finer where there is detail, and describes regions and edges. */
export function findRegions(image: WorkingImage): Regions {
  const { width, height } = image
  const pixels = width * height
  const smooth = smoothWithinEdges(image.lab, width, height)
  const cues = computeCues(image)
  const labels = slic(smooth, width, height, Math.min(CELLS, Math.max(1, pixels / 12)))
  const wanted = Math.min(REGIONS, Math.max(1, Math.floor(pixels / 24)))
  const count = mergeRegions(labels, smooth, cues.gradients[0], width, height, wanted)
  const sums: number[] = []
  const topology = buildTopology(labels, width, height, count, (edge, p, q) => {
    for (let g = 0; g < GRADIENTS; g++) {
      const plane = cues.gradients[g]
      const at = edge * GRADIENTS + g
      sums[at] = (sums[at] ?? 0) + (plane[p] > plane[q] ? plane[p] : plane[q])
    }
  })
  const edgeGradient = Float32Array.from(sums)
  for (let i = 0; i < sums.length; i++) edgeGradient[i] /= topology.edgeLength[Math.floor(i / GRADIENTS)]
  return {
    topology,
    description: describe(image, topology, cues),
    histogram: colourHistograms(image, topology),
    edgeGradient,
  }
}

function describe(image: WorkingImage, topology: Topology, cues: Cues): Float32Array {
  const { labels, count, area } = topology
  const sums = new Float64Array(count * DESCRIPTION)
  for (let p = 0; p < labels.length; p++) {
    const at = labels[p] * DESCRIPTION
    for (let c = 0; c < 3; c++) {
      const v = image.lab[p * 3 + c]
      sums[at + c] += v
      sums[at + 3 + c] += v * v
    }
    for (let t = 0; t < TEXTURES; t++) sums[at + 6 + t] += cues.textures[t][p]
  }
  const out = new Float32Array(sums.length)
  for (let i = 0; i < count; i++) {
    const at = i * DESCRIPTION
    for (let c = 0; c < 3; c++) {
      const mean = sums[at + c] / area[i]
      const variance = sums[at + 3 + c] / area[i] - mean * mean
      out[at + c] = mean
      out[at + 3 + c] = Math.sqrt(variance > 0 ? variance : 0)
    }
    for (let t = 0; t < TEXTURES; t++) out[at + 6 + t] = sums[at + 6 + t] / area[i]
  }
  return out
}

/** Share of each colour word among a region's pixels, 0-255; the words are looked up for every second pixel. */
function colourHistograms(image: WorkingImage, topology: Topology): Uint8Array {
  const { labels, count, width } = topology
  const words = findColourWords(image)
  const hits = new Float32Array(count * WORDS)
  const total = new Float32Array(count)
  for (let p = 0; p < labels.length; p++) {
    if (((p % width) + Math.floor(p / width)) % 2 === 1) continue
    hits[labels[p] * WORDS + nearest(image.lab, p, words)]++
    total[labels[p]]++
  }
  const out = new Uint8Array(count * WORDS)
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < WORDS; k++) {
      out[i * WORDS + k] = total[i] > 0 ? Math.floor((hits[i * WORDS + k] / total[i]) * 255 + 0.5) : 0
    }
  }
  return out
}
