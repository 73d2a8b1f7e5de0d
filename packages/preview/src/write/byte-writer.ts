/** Little-endian bytes into a buffer of known size. */
export interface ByteWriter {
  readonly bytes: Uint8Array<ArrayBuffer>
  ascii(text: string): void
  u8(value: number): void
  u16(value: number): void
  u32(value: number): void
  f32(value: number): void
  raw(values: Uint8Array): void
  /** Zeros (or `fill`) up to a multiple of `step`. */
  align(step: number, fill?: number): void
  position(): number
}

export function byteWriter(sizeBytes: number): ByteWriter {
  const bytes = new Uint8Array(sizeBytes)
  const view = new DataView(bytes.buffer)
  let at = 0
  return {
    bytes,
    ascii: (text) => {
      for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i)
    },
    u8: (value) => {
      bytes[at++] = value
    },
    u16: (value) => {
      view.setUint16(at, value, true)
      at += 2
    },
    u32: (value) => {
      view.setUint32(at, value, true)
      at += 4
    },
    f32: (value) => {
      view.setFloat32(at, value, true)
      at += 4
    },
    raw: (values) => {
      bytes.set(values, at)
      at += values.length
    },
    align: (step, fill = 0) => {
      while (at % step !== 0) bytes[at++] = fill
    },
    position: () => at,
  }
}
