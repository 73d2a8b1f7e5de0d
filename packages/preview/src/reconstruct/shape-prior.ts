/**
 * What shapes usually look like, learned: a small network guesses from the object's picture and mask, 64 x 64, how far
 * its front and back stand out at each place, and how high the camera stands. It was trained on objects drawn by
 * packages/preview/train/shape_prior, on no photo and no other model.
 */
import { clamp } from './arithmetic.ts'
import { convolve, doubleAndAdd, type Layer, means, type Tensor, weigh } from './convolution.ts'
import { SHAPE_PRIOR_WEIGHTS } from './generated/shape-prior-weights.ts'

export const PRIOR_SIZE = 64
const CHANNELS = [16, 32, 64]
export const PRIOR_INPUTS = 6
/** The elevation is uncertain: the guess is drawn towards 16 degrees, as people mostly hold a camera. */
const SINE_SHARE = 0.7
const USUAL_SINE = 0.28

export interface PriorGuess {
  /** PRIOR_SIZE^2 values each: middle of front and back towards the viewer, and half their distance, in sides of the object's box. */
  readonly middle: Float64Array
  readonly half: Float64Array
  /** Sine of the camera's elevation above the horizon. */
  readonly sine: number
}

interface Network {
  readonly first: readonly Layer[]
  readonly down: readonly (readonly Layer[])[]
  readonly middle: readonly Layer[]
  readonly up: readonly (readonly Layer[])[]
  readonly depths: Layer
  readonly sine: Layer
}

let loaded: Network | null = null

function fromBase64(text: string): Uint8Array {
  const binary = atob(text)
  const bytes = new Uint8Array(binary.length)
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i)
  return bytes
}

/** Unpacks the weights; the layout stands in train/shape_prior/export.py. */
function load(): Network {
  const bytes = fromBase64(SHAPE_PRIOR_WEIGHTS)
  const view = new DataView(bytes.buffer)
  let at = 0
  const read = (inputs: number, outputs: number, taps: 9 | 1): Layer => {
    const weights = new Float64Array(outputs * inputs * taps)
    const bias = new Float64Array(outputs)
    for (let o = 0; o < outputs; o++) {
      const scale = view.getFloat32(at, true)
      bias[o] = view.getFloat32(at + 4, true)
      at += 8
      for (let i = 0; i < inputs * taps; i++) weights[o * inputs * taps + i] = scale * view.getInt8(at++)
    }
    return { inputs, outputs, weights, bias }
  }
  const [a, b, c] = CHANNELS
  return {
    first: [read(PRIOR_INPUTS, a, 9), read(a, a, 9)],
    down: [
      [read(a, b, 9), read(b, b, 9)],
      [read(b, c, 9), read(c, c, 9)],
    ],
    middle: [read(c, c, 9), read(c, c, 9)],
    up: [
      [read(c, b, 9), read(b, b, 9)],
      [read(b, a, 9), read(a, a, 9)],
    ],
    depths: read(a, 8, 1),
    sine: read(c, 1, 1),
  }
}

/** Runs the network on PRIOR_INPUTS x 64 x 64 values (prior-input.ts). */
export function guessShape(input: Tensor): PriorGuess {
  loaded ??= load()
  const net = loaded
  const [entry, same] = net.first
  const skips = [convolve(convolve(input, entry, 2), same, 1)]
  for (const [narrow, again] of net.down)
    skips.push(convolve(convolve(skips[skips.length - 1], narrow, 2), again, 1))
  let x = net.middle.reduce((y, layer) => convolve(y, layer, 1), skips[skips.length - 1])
  const whole = means(x)
  const area = x.size * x.size
  for (let i = 0; i < x.data.length; i++) x.data[i] += whole[Math.floor(i / area)]
  net.up.forEach(([wide, join], i) => {
    x = convolve(doubleAndAdd(convolve(x, wide, 1), skips[skips.length - 2 - i]), join, 1)
  })
  const middle = new Float64Array(PRIOR_SIZE * PRIOR_SIZE)
  const half = new Float64Array(PRIOR_SIZE * PRIOR_SIZE)
  // Each place of the last level tells 2 x 2 places; the four are channels 0-3 for the middle, 4-7 for the half.
  for (let i = 0; i < x.size * x.size; i++) {
    const left = (i % x.size) * 2
    const top = Math.floor(i / x.size) * 2
    for (let k = 0; k < 4; k++) {
      const o = (top + (k >> 1)) * PRIOR_SIZE + left + (k & 1)
      middle[o] = weigh(net.depths, k, x.data, i, x.size * x.size)
      const raw = weigh(net.depths, 4 + k, x.data, i, x.size * x.size)
      half[o] = 0.5 * (raw + Math.sqrt(raw * raw + 0.01))
    }
  }
  return {
    middle,
    half,
    sine: clamp(SINE_SHARE * weigh(net.sine, 0, whole, 0, 1) + (1 - SINE_SHARE) * USUAL_SINE, 0, 0.65),
  }
}
