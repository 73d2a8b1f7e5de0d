/**
 * The few layers that the shape prior needs, in double precision: additions and multiplications in one fixed order
 * give the same bits everywhere.
 */

export interface Tensor {
  readonly channels: number
  readonly size: number
  /** channels * size * size, row by row. */
  readonly data: Float64Array
}

export interface Layer {
  readonly inputs: number
  readonly outputs: number
  /** outputs * inputs * 9 (or * 1). */
  readonly weights: Float64Array
  readonly bias: Float64Array
}

export function tensor(channels: number, size: number): Tensor {
  return { channels, size, data: new Float64Array(channels * size * size) }
}

/** The input with a frame of zeros, one wide, so that the inner loop needs no tests. */
function padded({ channels, size, data }: Tensor): Float64Array {
  const side = size + 2
  const out = new Float64Array(channels * side * side)
  for (let c = 0; c < channels; c++)
    for (let y = 0; y < size; y++)
      out.set(data.subarray((c * size + y) * size, (c * size + y + 1) * size), (c * side + y + 1) * side + 1)
  return out
}

/** 3 x 3 convolution, zeros beyond the rim, then max(0, x). `stride` 1 or 2. */
export function convolve(input: Tensor, layer: Layer, stride: 1 | 2): Tensor {
  const out = tensor(layer.outputs, input.size / stride)
  const a = padded(input)
  const side = input.size + 2
  const n = out.size
  const row = new Float64Array(n)
  for (let o = 0; o < layer.outputs; o++) {
    for (let y = 0; y < n; y++) {
      row.fill(layer.bias[o])
      for (let c = 0; c < layer.inputs; c++) {
        const k = (o * layer.inputs + c) * 9
        const w = layer.weights
        const w0 = w[k]
        const w1 = w[k + 1]
        const w2 = w[k + 2]
        const w3 = w[k + 3]
        const w4 = w[k + 4]
        const w5 = w[k + 5]
        const w6 = w[k + 6]
        const w7 = w[k + 7]
        const w8 = w[k + 8]
        let p = (c * side + y * stride) * side
        for (let x = 0; x < n; x++, p += stride) {
          const q = p + side
          const r = q + side
          row[x] +=
            w0 * a[p] +
            w1 * a[p + 1] +
            w2 * a[p + 2] +
            w3 * a[q] +
            w4 * a[q + 1] +
            w5 * a[q + 2] +
            w6 * a[r] +
            w7 * a[r + 1] +
            w8 * a[r + 2]
        }
      }
      const start = (o * n + y) * n
      for (let x = 0; x < n; x++) out.data[start + x] = Math.max(0, row[x])
    }
  }
  return out
}

/** Each place four times, then `skip` added. */
export function doubleAndAdd(input: Tensor, skip: Tensor): Tensor {
  const out = tensor(input.channels, input.size * 2)
  const n = out.size
  for (let c = 0; c < input.channels; c++)
    for (let y = 0; y < n; y++)
      for (let x = 0; x < n; x++) {
        const i = (c * n + y) * n + x
        out.data[i] = input.data[(c * input.size + (y >> 1)) * input.size + (x >> 1)] + skip.data[i]
      }
  return out
}

/** Mean of each channel. */
export function means(input: Tensor): Float64Array {
  const area = input.size * input.size
  const out = new Float64Array(input.channels)
  for (let c = 0; c < input.channels; c++) {
    let sum = 0
    for (let i = c * area; i < (c + 1) * area; i++) sum += input.data[i]
    out[c] = sum / area
  }
  return out
}

/** Weighted sum over channels at one place (or of plain values), plus the bias, for output `o`. */
export function weigh(layer: Layer, o: number, values: Float64Array, offset: number, step: number): number {
  let sum = layer.bias[o]
  for (let c = 0; c < layer.inputs; c++)
    sum += layer.weights[o * layer.inputs + c] * values[offset + c * step]
  return sum
}
