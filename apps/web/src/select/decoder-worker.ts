/**
 * The decoders in a Worker. The preview engine reads the photo's own bytes, so that its masks are the same in every
 * browser; another engine's decoder comes when an embedding for it does.
 */
import { decodeImage } from '@gen3d/image/decode'
import { writeMaskPng } from '@gen3d/image/mask-png'
import type { Image } from '@gen3d/image/types'
import { createDecoder, type Decoder, type Sketch } from '@gen3d/preview/decode'
import {
  embedPhoto,
  PREVIEW_ENGINE,
  PREVIEW_VERSION,
  readEmbedding,
  writeEmbedding,
} from '@gen3d/preview/embed'
import { drawPractice, ROUNDS, ROUNDS_AGAIN, rehearse } from '@gen3d/preview/rehearse'
import type { MaskCandidate } from '@gen3d/shared/prompts'
import type {
  DecoderAnswer,
  DecoderCall,
  DecoderCalls,
  DecoderRequest,
  MaskChoice,
  PagePrompts,
  Question,
  ServerEmbeddingFile,
  Suggestion,
} from './decoder-protocol.ts'
import { scaleOutline, traceOutline } from './outline.ts'

/** As `Decoder` of the preview engine. */
interface PageDecoder {
  decode(prompts: PagePrompts, shift: number): Promise<readonly MaskCandidate[]>
  sketch(prompts: PagePrompts, shift: number): Promise<Sketch>
}

interface Loaded {
  readonly photo: Image
  decoder: PageDecoder
  /** The preview engine's, with its embedding as it is stored: the server's may be the same. */
  readonly own: { readonly decoder: PageDecoder; readonly embedding: Uint8Array }
  server: PageDecoder | null
}

type Size = Pick<Image, 'width' | 'height'>

type Handlers = {
  [Name in DecoderCall]: (input: DecoderCalls[Name]['input']) => Promise<DecoderCalls[Name]['output']>
}

let loaded: Loaded | null = null
let practised = false
/** When something was asked last, and how long nothing must be asked before practice goes on. */
let askedAt = Number.NEGATIVE_INFINITY
const QUIET_MS = 300
/** The last answer of the page's decoder; masks after the first are painted when they are looked at. */
let last: { readonly key: string; readonly candidates: Promise<readonly MaskCandidate[]> } | null = null

function ready(): Loaded {
  if (!loaded) throw new Error('The photo is not loaded yet.')
  return loaded
}

function toPageDecoder(decoder: Decoder): PageDecoder {
  return {
    decode: async (prompts, shift) => decoder.decode(prompts, shift),
    sketch: async (prompts, shift) => decoder.sketch(prompts, shift),
  }
}

async function openServer({ embedding, decoder }: ServerEmbeddingFile, photo: Image): Promise<PageDecoder> {
  const { url, sha256 } = decoder
  // Without an address it is the page's own.
  if (!url || !sha256) return toPageDecoder(createDecoder(readEmbedding(embedding), photo))
  const { loadOnnxDecoder } = await import('./onnx-decoder.ts')
  return loadOnnxDecoder({ url, sha256 }, embedding, photo, (fraction) =>
    say({ stage: { kind: 'fetching', fraction } }),
  )
}

/** The chosen mask, 1 inside, 0 outside. */
async function toMask(decoder: PageDecoder, choice: MaskChoice): Promise<Uint8Array<ArrayBuffer>> {
  const candidates = await decoder.decode(choice.prompts, choice.shift)
  const { mask } = candidates[Math.min(choice.candidate, candidates.length - 1)]
  return Uint8Array.from(mask, choice.inverted ? (inside) => 1 - inside : (inside) => inside)
}

function suggestionsFor({ prompts, shift }: Question): Promise<readonly MaskCandidate[]> {
  const key = JSON.stringify([prompts, shift])
  if (last?.key !== key) last = { key, candidates: ready().decoder.decode(prompts, shift) }
  return last.candidates
}

function shareOf(mask: Uint8Array): number {
  let inside = 0
  for (let i = 0; i < mask.length; i++) inside += mask[i]
  return inside / mask.length
}

function toSuggestion({ mask, score }: MaskCandidate, { width, height }: Size): Suggestion {
  return { outline: traceOutline(mask, width, height), score, share: shareOf(mask) }
}

function toSketch({ mask, width, height, score }: Sketch, photo: Size): Suggestion {
  const outline = scaleOutline(traceOutline(mask, width, height), photo.width / width, photo.height / height)
  return { outline, score, share: shareOf(mask) }
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

function agreement(a: Uint8Array, b: Uint8Array): number {
  let both = 0
  let either = 0
  for (let i = 0; i < a.length; i++) {
    both += a[i] & b[i]
    either += a[i] | b[i]
  }
  return either === 0 ? 1 : both / either
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** While the person only looks at the photo `state`: who asks practises by asking, and waits for no step of this. */
async function practise(preview: Decoder, photo: Size, state: Loaded | null): Promise<void> {
  for (const answer of rehearse(preview, photo, practised ? ROUNDS_AGAIN : ROUNDS)) {
    if ('width' in answer) toSketch(answer, photo)
    else toSuggestion(answer, photo)
    await pause(0)
    while (loaded === state && performance.now() - askedAt < QUIET_MS) await pause(QUIET_MS)
    if (loaded !== state) return
  }
  practised = true
}

const handlers: Handlers = {
  async practise() {
    const photo = drawPractice()
    void practise(createDecoder(embedPhoto(photo), photo), photo, null)
    return null
  },
  async load({ photo: bytes }) {
    const start = performance.now()
    say({ stage: { kind: 'decoding' } })
    const photo = await decodeImage(bytes)
    say({ stage: { kind: 'embedding' } })
    const embedding = embedPhoto(photo)
    const preview = createDecoder(embedding, photo)
    const own = { decoder: toPageDecoder(preview), embedding: writeEmbedding(embedding) }
    loaded = { photo, decoder: own.decoder, own, server: null }
    last = null
    const state = loaded
    setTimeout(() => void practise(preview, photo, state))
    return {
      width: photo.width,
      height: photo.height,
      engine: { name: PREVIEW_ENGINE, version: PREVIEW_VERSION },
      seconds: (performance.now() - start) / 1000,
    }
  },
  async decode(question) {
    const [best, ...others] = await suggestionsFor(question)
    return { best: toSuggestion(best, ready().photo), others: others.length }
  },
  async sketch({ prompts, shift }) {
    const { decoder, photo } = ready()
    return toSketch(await decoder.sketch(prompts, shift), photo)
  },
  async decodeOthers(question) {
    const { photo } = ready()
    return (await suggestionsFor(question)).slice(1).map((other) => toSuggestion(other, photo))
  },
  async writeMask(choice) {
    const { decoder, photo } = ready()
    return writeMaskPng({ width: photo.width, height: photo.height, data: await toMask(decoder, choice) })
  },
  async compareEmbedding({ choices, ...file }) {
    const state = ready()
    // The same bytes give the same masks: there is nothing to open.
    const same = !file.decoder.url && sameBytes(file.embedding, state.own.embedding)
    const server = same ? state.own.decoder : await openServer(file, state.photo)
    state.server = server
    if (server === state.decoder) return choices.map(() => 1)
    const agreements: number[] = []
    for (const choice of choices)
      agreements.push(agreement(await toMask(state.decoder, choice), await toMask(server, choice)))
    return agreements
  },
  async makeRough({ choices }) {
    const { decoder, photo } = ready()
    // Comes only with the first object that is made.
    const { makeRough } = await import('./rough.ts')
    const { width, height } = photo
    const masks = []
    for (const choice of choices) masks.push({ width, height, data: await toMask(decoder, choice) })
    return makeRough(photo, masks)
  },
  async useServerEmbedding() {
    const state = ready()
    if (state.server) state.decoder = state.server
    last = null
    return null
  },
}

function say(answer: DecoderAnswer, transfer: Transferable[] = []): void {
  self.postMessage(answer, { transfer })
}

function buffersOf(output: DecoderCalls[DecoderCall]['output']): Transferable[] {
  if (output instanceof Uint8Array) return [output.buffer]
  if (output && 'splats' in output) return output.splats.map((splat) => splat.buffer)
  if (output && 'best' in output) return [output.best.outline.buffer]
  if (output && 'outline' in output) return [output.outline.buffer]
  if (!Array.isArray(output)) return []
  return output.flatMap((entry) => (typeof entry === 'number' ? [] : [entry.outline.buffer]))
}

self.onmessage = async ({ data }: MessageEvent<DecoderRequest>) => {
  if (data.call !== 'practise' && data.call !== 'load') askedAt = performance.now()
  try {
    const handler = handlers[data.call] as (input: unknown) => Promise<DecoderCalls[DecoderCall]['output']>
    const output = await handler(data.input)
    say({ id: data.id, output }, buffersOf(output))
  } catch (error) {
    say({ id: data.id, fault: error instanceof Error ? error.message : String(error) })
  }
}
