import type { Image } from '@gen3d/image/types'
import type { MaskCandidate, Prompts } from '@gen3d/shared/prompts'
import type { Embedding } from './embed.ts'
import { PreviewError } from './errors.ts'
import { AnswerChain } from './select/answer-chain.ts'
import { findCuts, shiftCut } from './select/candidates.ts'
import { Classifier } from './select/classifier.ts'
import { learnedStages } from './select/learned.ts'
import { MaskPainter } from './select/mask-painter.ts'
import { checkPrompts, toSeeds } from './select/prompt-seeds.ts'
import { buildRegionGraph, type RegionGraph } from './select/region-graph.ts'
import { DESCRIPTION } from './select/regions.ts'
import { buildTopology, unpackBoundaries } from './select/topology.ts'
import { workingSize } from './select/working-image.ts'

export interface Decoder {
  /**
   * One to three masks of the photo's size, best first. Every click is honoured; the same prompts give the same bytes.
   * PreviewError `prompt_invalid` for clicks outside the photo, NaN, or no prompt at all. `shift` (log-odds, 0 as the
   * decoder thinks best) moves the threshold of every mask: above 0 tighter, below more generous. The best mask is
   * painted at once, each other one when its `mask` is first read, later decodes or not.
   */
  decode(prompts: Prompts, shift?: number): MaskCandidate[]
}

/** Prepares an embedding for clicks; the photo (EXIF-turned, the embedding's size) refines the masks' edges. */
export function createDecoder(embedding: Embedding, photo: Image): Decoder {
  const { width, height } = embedding.image
  if (photo.width !== width || photo.height !== height) {
    throw new PreviewError(
      'embedding_invalid',
      `The embedding is of a photo of ${width} x ${height}, this one is ${photo.width} x ${photo.height}. Compute it again.`,
    )
  }
  const graph = toRegionGraph(embedding)
  const chain = new AnswerChain(new Classifier(graph, learnedStages()), graph.topology, photo)
  const painter = new MaskPainter(graph, photo)
  const probability = new Float32Array(graph.topology.count)
  return {
    decode(prompts, shift = 0) {
      checkPrompts(prompts, photo)
      chain.answer(prompts, probability)
      painter.blendPrevious(prompts, toSeeds(prompts, photo, graph.topology), probability)
      const open = prompts.points.length <= 2 && !prompts.strokes?.length && !prompts.previousMask
      const cuts = findCuts(graph.topology, probability, open)
      return painter.paint(probability, shift === 0 ? cuts : cuts.map((cut) => shiftCut(cut, shift)), prompts)
    },
  }
}

/** The region graph of an embedding. */
function toRegionGraph(embedding: Embedding): RegionGraph {
  const { width, height } = workingSize(embedding.image.width, embedding.image.height)
  const { labels, count } = unpackBoundaries(embedding.boundaries, width, height)
  const topology = buildTopology(labels, width, height, count)
  if (
    topology.edgeA.length !== embedding.affinity.length ||
    count * DESCRIPTION !== embedding.description.length
  ) {
    throw new PreviewError('embedding_invalid', 'The embedding does not fit itself. Compute it again.')
  }
  return buildRegionGraph(topology, embedding.affinity, embedding.description, embedding.histogram)
}
