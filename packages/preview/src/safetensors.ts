import { PreviewError } from './errors.ts'

/** Element types that this reader and writer know, by their safetensors names. */
const ELEMENT_SIZE = { U8: 1, I32: 4, F16: 2, F32: 4 } as const
type DType = keyof typeof ELEMENT_SIZE

export interface Tensor {
  readonly dtype: DType
  readonly shape: readonly number[]
  /** Little-endian elements. */
  readonly bytes: Uint8Array
}

export interface TensorFile {
  readonly metadata: Readonly<Record<string, string>>
  readonly tensors: Readonly<Record<string, Tensor>>
}

/** More than any header of ours; a larger length means another kind of file. */
const LARGEST_HEADER = 1 << 20

/**
 * Writes a safetensors file: u64 little-endian N, N bytes of JSON padded with spaces to a multiple of 8, tensor bytes in
 * the order of the header. Names keep the order in which they were given.
 */
export function writeSafetensors(file: TensorFile): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: file.metadata }
  let offset = 0
  for (const [name, tensor] of Object.entries(file.tensors)) {
    header[name] = {
      dtype: tensor.dtype,
      shape: tensor.shape,
      data_offsets: [offset, offset + tensor.bytes.length],
    }
    offset += tensor.bytes.length
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const padded = Math.ceil(text.length / 8) * 8
  const out = new Uint8Array(8 + padded + offset)
  new DataView(out.buffer).setBigUint64(0, BigInt(padded), true)
  out.fill(0x20, 8, 8 + padded)
  out.set(text, 8)
  let at = 8 + padded
  for (const tensor of Object.values(file.tensors)) {
    out.set(tensor.bytes, at)
    at += tensor.bytes.length
  }
  return out
}

/** Reads a safetensors file; PreviewError `embedding_invalid` where lengths, types or offsets do not fit. */
export function readSafetensors(bytes: Uint8Array): TensorFile {
  if (bytes.length < 8) throw broken('it is shorter than its length field')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = Number(view.getBigUint64(0, true))
  if (length > LARGEST_HEADER || 8 + length > bytes.length) throw broken('its header is cut off')
  let header: unknown
  try {
    header = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(8, 8 + length)))
  } catch (cause) {
    throw broken('its header is not JSON', cause)
  }
  if (!isRecord(header)) throw broken('its header is not an object')
  const metadata: Record<string, string> = {}
  const tensors: Record<string, Tensor> = {}
  const body = bytes.subarray(8 + length)
  for (const [name, entry] of Object.entries(header)) {
    if (!isRecord(entry)) throw broken(`entry ${name} is not an object`)
    if (name === '__metadata__') {
      for (const [key, value] of Object.entries(entry)) if (typeof value === 'string') metadata[key] = value
    } else {
      tensors[name] = readTensor(name, entry, body)
    }
  }
  return { metadata, tensors }
}

function readTensor(name: string, entry: Record<string, unknown>, body: Uint8Array): Tensor {
  const { dtype, shape, data_offsets: offsets } = entry
  if (!isKnownType(dtype)) throw broken(`tensor ${name} has another type`)
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2)
    throw broken(`tensor ${name} has no shape`)
  let elements = 1
  for (const side of shape) elements *= side
  const [from, to] = offsets
  if (to > body.length || to - from !== elements * ELEMENT_SIZE[dtype])
    throw broken(`tensor ${name} is cut off`)
  return { dtype, shape, bytes: body.subarray(from, to) }
}

function isKnownType(dtype: unknown): dtype is DType {
  return typeof dtype === 'string' && Object.hasOwn(ELEMENT_SIZE, dtype)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((v) => Number.isSafeInteger(v) && v >= 0)
}

/** A U8 tensor. */
export function bytesTensor(values: Uint8Array, shape: readonly number[]): Tensor {
  return { dtype: 'U8', shape, bytes: values }
}

/** An F32 tensor, little-endian on every machine. */
export function floatTensor(values: Float32Array, shape: readonly number[]): Tensor {
  const bytes = new Uint8Array(values.length * 4)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) view.setFloat32(i * 4, values[i], true)
  return { dtype: 'F32', shape, bytes }
}

/** The numbers of an F32 or F16 tensor. */
export function toFloats(tensor: Tensor): Float32Array<ArrayBuffer> {
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength)
  if (tensor.dtype === 'F16') {
    const values = halfValues()
    const out = new Float32Array(tensor.bytes.length / 2)
    for (let i = 0; i < out.length; i++) out[i] = values[view.getUint16(i * 2, true)]
    return out
  }
  if (tensor.dtype !== 'F32') throw broken('a tensor of numbers has another type')
  const out = new Float32Array(tensor.bytes.length / 4)
  for (let i = 0; i < out.length; i++) out[i] = view.getFloat32(i * 4, true)
  return out
}

/** The value of each of the 65536 half-precision numbers (IEEE 754 binary16), by its bits; a lookup is the fastest way. */
function halfValues(): Float32Array {
  return Float32Array.from({ length: 1 << 16 }, (_, bits) => {
    const sign = bits & 0x8000 ? -1 : 1
    const exponent = (bits >> 10) & 0x1f
    const fraction = bits & 0x3ff
    if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
    // Without an exponent there is no leading one: subnormal.
    if (exponent === 0) return sign * fraction * 2 ** -24
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
}

function broken(why: string, cause?: unknown): PreviewError {
  return new PreviewError(
    'embedding_invalid',
    `This embedding file cannot be read: ${why}. Compute the embedding again.`,
    { cause },
  )
}
