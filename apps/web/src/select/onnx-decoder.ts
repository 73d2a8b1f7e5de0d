/** An engine's own decoder for the page's prompts: a chunk of its own that comes only with an embedding for it. */
import type { Sketch } from '@gen3d/preview/decode'
import type { MaskCandidate, PointPrompt, StrokePrompt } from '@gen3d/shared/prompts'
import { openKeep } from '../keep.ts'
import { type DecoderPlace, readDecoderFile } from './decoder-file.ts'
import type { PagePrompts } from './decoder-protocol.ts'
import { drawMask, logitsAgreement, paintStrokes } from './onnx-masks.ts'
import { type PhotoSize, toOnnxPrompts } from './onnx-prompts.ts'
import type { OnnxSession } from './onnx-session.ts'

/** Answers that are kept, about 1 MB each: undo, other layers and a pointer that comes back cost nothing. */
const KEPT_ANSWERS = 24
/** Longest side of what is shown while the pointer moves, pixels; outlines need no finer one. */
const SKETCH_SIDE = 512

export type OnnxDecoder = ReturnType<typeof createOnnxDecoder>

/** Fetches, checks and opens the decoder for an embedding of `photo`. */
export async function loadOnnxDecoder(
  place: DecoderPlace,
  embedding: Uint8Array,
  photo: PhotoSize,
  onProgress: (fraction: number) => void,
): Promise<OnnxDecoder> {
  const [file, { openOnnxSession }] = await Promise.all([
    openKeep().then((keep) => readDecoderFile(place, keep, onProgress)),
    import('./onnx-session.ts'),
  ])
  return createOnnxDecoder(await openOnnxSession(file, embedding), photo)
}

/** One candidate of the network, and its own guess of its IoU. */
interface Candidate {
  readonly logits: Float32Array
  readonly score: number
}

/** The clicks and the box of a layer, in the order in which they are told to the network. */
type Steps = Pick<PagePrompts, 'points' | 'box'>

export function createOnnxDecoder(session: OnnxSession, photo: PhotoSize) {
  const kept = new Map<string, Promise<readonly Candidate[]>>()

  /**
   * Best first. The first click, with the box, is answered as it is; every later one is told with the logits of the answer
   * before it, and of its candidates the one nearest to that answer comes first. A function of the prompts alone.
   */
  function answer(steps: Steps): Promise<readonly Candidate[]> {
    const key = JSON.stringify([steps.points, steps.box ?? null])
    const known = kept.get(key)
    if (known) kept.delete(key)
    const found = known ?? ask(steps)
    kept.set(key, found)
    if (!known) found.catch(() => kept.delete(key))
    if (kept.size > KEPT_ANSWERS) kept.delete(kept.keys().next().value ?? key)
    return found
  }

  async function ask({ points, box = null }: Steps): Promise<readonly Candidate[]> {
    const before = points.length > 1 ? (await answer({ points: points.slice(0, -1), box }))[0] : null
    const prompts = toOnnxPrompts(points, box, photo, session.inputSize)
    const { logits, scores } = await session.run({ ...prompts, mask: before?.logits ?? null })
    const candidates = logits.map((values, i) => ({ logits: values, score: scores[i] }))
    candidates.sort((a, b) => b.score - a.score)
    if (!before) return candidates
    const near = candidates.map((each) => logitsAgreement(each.logits, before.logits))
    const nearest = near.indexOf(Math.max(...near))
    return [candidates[nearest], ...candidates.filter((_, i) => i !== nearest)]
  }

  return {
    runsOn: session.runsOn,
    /** As `Decoder.decode` of the preview engine; each mask is drawn when it is first read. */
    async decode(prompts: PagePrompts, shift: number): Promise<MaskCandidate[]> {
      const strokes = prompts.strokes ?? []
      const candidates = await answer(toSteps(prompts))
      return candidates.map(({ logits, score }) => {
        let mask: Uint8Array | null = null
        return {
          score,
          get mask() {
            if (!mask) {
              mask = drawMask(logits, session.side, photo, shift)
              paintStrokes(mask, photo, strokes)
            }
            return mask
          },
        }
      })
    },
    /** As `Decoder.sketch`. */
    async sketch(prompts: PagePrompts, shift: number): Promise<Sketch> {
      const scale = Math.min(1, SKETCH_SIDE / Math.max(photo.width, photo.height))
      const width = Math.max(1, Math.round(photo.width * scale))
      const height = Math.max(1, Math.round(photo.height * scale))
      const [{ logits, score }] = await answer(toSteps(prompts))
      const mask = drawMask(logits, session.side, { width, height }, shift)
      paintStrokes(mask, { width, height }, shrinkStrokes(prompts.strokes ?? [], width / photo.width))
      return { width, height, mask, score }
    },
  }
}

/** Where somebody only painted, the middles of the strokes stand for clicks. */
function toSteps({ points, box, strokes }: PagePrompts): Steps {
  if (points.length > 0 || box) return { points, box }
  const drawn = (strokes ?? []).filter((stroke) => stroke.points.length > 0)
  const middles = drawn.map(({ points: line, label }): PointPrompt => {
    const [x, y] = line[line.length >> 1]
    return { x, y, label }
  })
  return { points: middles, box }
}

function shrinkStrokes(strokes: readonly StrokePrompt[], scale: number): StrokePrompt[] {
  return strokes.map(({ radius, label, points }) => ({
    radius: radius * scale,
    label,
    points: points.map(([x, y]) => [(x + 0.5) * scale - 0.5, (y + 0.5) * scale - 0.5] as const),
  }))
}
