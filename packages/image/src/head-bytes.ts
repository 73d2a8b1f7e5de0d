import { damaged, ImageError } from './errors.ts'
import type { Orientation } from './exif.ts'

/** What a file says of its stored pixels before they are decoded. */
export interface StoredHead {
  readonly width: number
  readonly height: number
  readonly orientation: Orientation
  readonly animated: boolean
  readonly bitDepth: number
}

/** The first bytes of a file, or all of them: reading past their end asks for more, or says that the file is damaged. */
export class HeadBytes {
  readonly bytes: Uint8Array
  readonly complete: boolean
  private readonly view: DataView

  constructor(bytes: Uint8Array, complete: boolean) {
    this.bytes = bytes
    this.complete = complete
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Throws unless the file's first `end` bytes are here. */
  need(end: number): void {
    if (end <= this.bytes.length) return
    if (this.complete) throw damaged('the file ends early')
    throw new ImageError('needs_more_bytes', `At least the first ${end} bytes of the file are needed.`, {
      neededBytes: end,
    })
  }

  u8(at: number): number {
    this.need(at + 1)
    return this.bytes[at]
  }

  u16(at: number): number {
    this.need(at + 2)
    return this.view.getUint16(at)
  }

  u32(at: number): number {
    this.need(at + 4)
    return this.view.getUint32(at)
  }

  u24le(at: number): number {
    this.need(at + 3)
    return this.view.getUint16(at, true) | (this.bytes[at + 2] << 16)
  }

  u32le(at: number): number {
    this.need(at + 4)
    return this.view.getUint32(at, true)
  }

  slice(start: number, end: number): Uint8Array {
    this.need(end)
    return this.bytes.subarray(start, end)
  }

  startsWith(signature: readonly number[]): boolean {
    return signature.every((byte, i) => this.bytes[i] === byte)
  }

  /** ASCII; shorter where the bytes end. */
  text(at: number, length: number): string {
    return String.fromCharCode(...this.bytes.subarray(at, at + length))
  }
}
