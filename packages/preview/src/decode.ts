import type { Image } from '@gen3d/image/types'
import type { MaskCandidate, Prompts } from '@gen3d/shared/prompts'
import type { Embedding } from './embed.ts'
import { PreviewError } from './errors.ts'
import { AnswerChain } from './select/answer-chain.ts'
import { type Cut, findCuts, shiftCut } from './select/candidates.ts'
import { Classifier } from './select/classifier.ts'
import { learnedStages } from './select/learned.ts'
import { MaskPainter } from './select/mask-painter.ts'
import { checkPrompts, scalePrompts, toSeeds } from './select/prompt-seeds.ts'
import { buildRegionGraph, type RegionGraph } from './select/region-graph.ts'
import { DESCRIPTION } from './select/regions.ts'
import { buildTopology, unpackBoundaries } from './select/topology.ts'
import { toWorkingPhoto, workingSize } from './select/working-image.ts'

export interface Decoder {
  /**
   * One to three masks of the photo's size, best first. Every click is honoured; the same prompts give the same bytes.
   * PreviewError `prompt_invalid` for clicks outside the photo, NaN, or no prompt at all. `shift` (log-odds, 0 as the
   * decoder thinks best) moves the threshold of every mask: above 0 tighter, below more generous. The best mask is
   * painted at once, each other one when its `mask` is first read, later decodes or not.
   */
  decode(prompts: Prompts, shift?: number): MaskCandidate[]
  /**
   * The best mask at the working size (512 pixels on the longest side), for a pointer that moves: its cost does not grow
   * with the photo. Prompts are those of the photo, as for `decode`.
   */
  sketch(prompts: Prompts, shift?: number): Sketch
}

export interface Sketch {
  readonly width: number
  readonly height: number
  /** width * height bytes, 1 inside, 0 outside. */
  readonly mask: Uint8Array
  readonly score: number
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
  let sketcher: { small: Image; painter: MaskPainter } | null = null

  /** Fills `probability`; the thresholds of the candidates, best first. */
  function findAnswers(prompts: Prompts, shift: number): Cut[] {
    checkPrompts(prompts, photo)
    chain.answer(prompts, probability)
    painter.blendPrevious(prompts, toSeeds(prompts, photo, graph.topology), probability)
    const open = prompts.points.length <= 2 && !prompts.strokes?.length && !prompts.previousMask
    const cuts = findCuts(graph.topology, probability, open)
    return shift === 0 ? cuts : cuts.map((cut) => shiftCut(cut, shift))
  }

  return {
    decode(prompts, shift = 0) {
      return painter.paint(probability, findAnswers(prompts, shift), prompts)
    },
    sketch(prompts, shift = 0) {
      const [best] = findAnswers(prompts, shift)
      if (!sketcher) {
        const small = toWorkingPhoto(photo)
        sketcher = { small, painter: small === photo ? painter : new MaskPainter(graph, small) }
      }
      const { small } = sketcher
      const [{ mask, score }] = sketcher.painter.paint(
        probability,
        [best],
        scalePrompts(prompts, photo, small),
      )
      return { width: small.width, height: small.height, mask, score }
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
