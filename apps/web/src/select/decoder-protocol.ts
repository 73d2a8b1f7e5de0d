/** What the page and its decoding Worker say to each other. */
import type { EmbedResponse, ReconstructResponse } from '@gen3d/shared/api'
import type { Prompts } from '@gen3d/shared/prompts'

/** A suggestion as the page draws it; the mask itself stays in the Worker, which can compute it again at any time. */
export interface Suggestion {
  /** See outline.ts; photo pixels. */
  readonly outline: Int32Array<ArrayBuffer>
  readonly score: number
  /** Selected part of the photo, 0-1. */
  readonly share: number
}

/** What the page's tools make. */
export type PagePrompts = Omit<Prompts, 'previousMask'>

/** An embedding of the server, and the decoder that reads it. */
export interface ServerEmbeddingFile {
  readonly embedding: Uint8Array<ArrayBuffer>
  readonly decoder: EmbedResponse['decoder']
}

export interface Question {
  readonly prompts: PagePrompts
  /** See `Decoder.decode`. */
  readonly shift: number
}

export interface Answer {
  readonly best: Suggestion
  /** How many more suggestions `decodeOthers` has. */
  readonly others: number
}

export interface MaskChoice extends Question {
  readonly candidate: number
  readonly inverted: boolean
}

export interface LoadedPhoto {
  readonly width: number
  readonly height: number
  readonly engine: { readonly name: string; readonly version: string }
  readonly seconds: number
}

/** What the preview engine makes of the masks at once: a splat each (compressed PLY), in the manifest's frame. */
export interface RoughObjects {
  readonly splats: readonly Uint8Array<ArrayBuffer>[]
  readonly bounds: readonly { readonly min: readonly number[]; readonly max: readonly number[] }[]
  readonly camera: ReconstructResponse['camera']
}

/** What the Worker tells of a call that takes long; `fraction` 0-1. */
export type DecoderStage =
  | { readonly kind: 'decoding' | 'embedding' }
  | { readonly kind: 'fetching'; readonly fraction: number }

/** Every call: its input and its answer. */
export interface DecoderCalls {
  /** For a Worker that waits for its photo: practises on a drawn one until then. */
  practise: { input: Record<string, never>; output: null }
  load: { input: { photo: Uint8Array<ArrayBuffer> }; output: LoadedPhoto }
  decode: { input: Question; output: Answer }
  /** The best suggestion at a bounded size, soon enough for a moving pointer whatever the size of the photo. */
  sketch: { input: Question; output: Suggestion }
  /** The suggestions after the best: they take longer, so they are a question of their own. */
  decodeOthers: { input: Question; output: Suggestion[] }
  /** 8-bit PNG, 0/255, of the photo's size. */
  writeMask: { input: MaskChoice; output: Uint8Array<ArrayBuffer> }
  /** Reads the server's embedding and tells how well its masks agree with those of the page's own (IoU, 0-1). */
  compareEmbedding: { input: ServerEmbeddingFile & { choices: MaskChoice[] }; output: number[] }
  makeRough: { input: { choices: MaskChoice[] }; output: RoughObjects }
  /** Decodes from the server's embedding from now on. */
  useServerEmbedding: { input: Record<string, never>; output: null }
}

export type DecoderCall = keyof DecoderCalls

export type DecoderRequest = {
  [Name in DecoderCall]: {
    readonly id: number
    readonly call: Name
    readonly input: DecoderCalls[Name]['input']
  }
}[DecoderCall]

export type DecoderAnswer =
  | { readonly id: number; readonly output: DecoderCalls[DecoderCall]['output'] }
  | { readonly id: number; readonly fault: string }
  | { readonly stage: DecoderStage }
