/**
 * ONNX Runtime Web with the decoder that chapter 7 of docs/architecture describes. WebGPU where the browser gives it,
 * else WASM in one thread: more threads need SharedArrayBuffer, which needs headers that a bucket cannot send.
 */
import { readSafetensors, toFloats } from '@gen3d/preview/safetensors'
import type { InferenceSession, Tensor } from 'onnxruntime-web/wasm'

export interface OnnxPrompts {
  /** x, y, x, y …: units of the squashed photo, `inputSize` a side. */
  readonly coords: Float32Array
  /** 1 inside, 0 outside, 2 and 3 a box's corners, -1 padding. */
  readonly labels: readonly number[]
  /** Logits of an earlier answer, side * side; null: none. */
  readonly mask: Float32Array | null
}

export interface OnnxAnswer {
  /** Of each candidate, side * side: above 0 is inside. */
  readonly logits: readonly Float32Array[]
  /** Its guessed IoU, 0-1. */
  readonly scores: readonly number[]
}

export interface OnnxSession {
  /** Of the squashed photo that the encoder saw, pixels. */
  readonly inputSize: number
  /** Of the logits. */
  readonly side: number
  readonly runsOn: 'webgpu' | 'wasm'
  /** One at a time, in the order of the calls. */
  run(prompts: OnnxPrompts): Promise<OnnxAnswer>
  close(): Promise<void>
}

const TENSORS = ['high_res_0', 'high_res_1', 'image'] as const
/** The logits are as fine as the finest of the embedding's tensors. */
const FINEST = 'high_res_0'

/** Opens the decoder for one embedding file; its half-precision numbers are widened here, once. */
export async function openOnnxSession(
  decoder: Uint8Array,
  embedding: Uint8Array,
  wanted: 'webgpu' | 'wasm' = 'webgpu',
): Promise<OnnxSession> {
  const { metadata, tensors } = readSafetensors(embedding)
  const inputSize = Number(metadata.input_size)
  if (!(inputSize > 0) || TENSORS.some((name) => !tensors[name]))
    throw new Error('The embedding is not one of this decoder. Compute it again.')
  const side = tensors[FINEST].shape[2]
  const { runtime, session, runsOn } = await start(decoder, wanted)
  const floats = (data: Float32Array, shape: readonly number[]) => new runtime.Tensor('float32', data, shape)
  const fixed: Record<string, Tensor> = {}
  for (const name of TENSORS) fixed[name] = floats(toFloats(tensors[name]), tensors[name].shape)
  const noMask = new Float32Array(side * side)
  let turn: Promise<unknown> = Promise.resolve()

  async function run({ coords, labels, mask }: OnnxPrompts): Promise<OnnxAnswer> {
    const count = labels.length
    const out = await session.run({
      ...fixed,
      point_coords: floats(coords, [1, 1, count, 2]),
      point_labels: new runtime.Tensor('int64', BigInt64Array.from(labels, BigInt), [1, 1, count]),
      mask_input: floats(mask ?? noMask, [1, 1, side, side]),
      has_mask: floats(Float32Array.of(mask ? 1 : 0), [1]),
    })
    const all = out.masks.data as Float32Array
    const scores = Array.from(out.scores.data as Float32Array)
    const size = side * side
    return { scores, logits: scores.map((_, i) => all.slice(i * size, (i + 1) * size)) }
  }

  return {
    inputSize,
    side,
    runsOn,
    run(prompts) {
      const answer = turn.then(() => run(prompts))
      turn = answer.catch(() => undefined)
      return answer
    },
    close: () => session.release(),
  }
}

async function start(decoder: Uint8Array, wanted: 'webgpu' | 'wasm') {
  if (wanted === 'webgpu' && (await navigator.gpu?.requestAdapter().catch(() => null))) {
    try {
      const runtime = await import('onnxruntime-web/webgpu')
      return { ...(await open(runtime, decoder, 'webgpu')), runsOn: 'webgpu' as const }
    } catch (error) {
      console.warn('WebGPU could not be used; the processor decodes.', error)
    }
  }
  const runtime = await import('onnxruntime-web/wasm')
  return { ...(await open(runtime, decoder, 'wasm')), runsOn: 'wasm' as const }
}

type Runtime = typeof import('onnxruntime-web/wasm')

async function open(
  runtime: Runtime,
  decoder: Uint8Array,
  provider: 'webgpu' | 'wasm',
): Promise<{ runtime: Runtime; session: InferenceSession }> {
  runtime.env.wasm.numThreads = 1
  // Of warnings it would tell, one is said of every decoder: shapes are computed on the processor.
  runtime.env.logLevel = 'error'
  const session = await runtime.InferenceSession.create(decoder, { executionProviders: [provider] })
  return { runtime, session }
}
