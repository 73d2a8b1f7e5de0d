import { ZIGZAG } from './jpeg-tables.ts'

/** Code and length of every symbol (0..255) of a Huffman table in DHT form. */
interface HuffmanCodes {
  readonly codes: Uint16Array
  readonly lengths: Uint8Array
}

export function huffmanCodes(table: Uint8Array): HuffmanCodes {
  const codes = new Uint16Array(256)
  const lengths = new Uint8Array(256)
  let code = 0
  let at = 16
  for (let length = 1; length <= 16; length++, code <<= 1) {
    for (let n = table[length - 1]; n > 0; n--) {
      const symbol = table[at++]
      codes[symbol] = code++
      lengths[symbol] = length
    }
  }
  return { codes, lengths }
}

/** Writes a JPEG: whole bytes for the segments, then the bits of the scan. */
export class JpegWriter {
  private bytes = new Uint8Array(64 * 1024)
  private length = 0
  private bits = 0
  private bitCount = 0

  write(values: ArrayLike<number>): void {
    for (let i = 0; i < values.length; i++) this.writeByte(values[i])
  }

  /** A segment: marker, length, body. */
  writeSegment(marker: number, body: readonly number[]): void {
    const length = body.length + 2
    this.write([0xff, marker, length >> 8, length & 0xff, ...body])
  }

  /** One block of quantised coefficients in row order; returns its DC value, which the next block is coded against. */
  writeBlock(block: Int32Array, previousDc: number, dc: HuffmanCodes, ac: HuffmanCodes): number {
    this.writeValue(block[0] - previousDc, 0, dc)
    let zeros = 0
    for (let k = 1; k < 64; k++) {
      const value = block[ZIGZAG[k]]
      if (value === 0) {
        zeros++
        continue
      }
      for (; zeros > 15; zeros -= 16) this.writeBits(ac.codes[0xf0], ac.lengths[0xf0])
      this.writeValue(value, zeros << 4, ac)
      zeros = 0
    }
    if (zeros > 0) this.writeBits(ac.codes[0], ac.lengths[0])
    return block[0]
  }

  /** Fills the last byte of the scan with ones and gives the file. */
  finish(): Uint8Array<ArrayBuffer> {
    if (this.bitCount > 0) this.writeBits(0x7f, 7)
    this.bitCount = 0
    this.write([0xff, 0xd9])
    return this.bytes.slice(0, this.length)
  }

  /** The symbol `high | bits of value`, then the value; a negative one as its ones' complement. */
  private writeValue(value: number, high: number, table: HuffmanCodes): void {
    const size = 32 - Math.clz32(value < 0 ? -value : value)
    const symbol = high | size
    this.writeBits(table.codes[symbol], table.lengths[symbol])
    if (size > 0) this.writeBits((value < 0 ? value - 1 : value) & ((1 << size) - 1), size)
  }

  /** At most 16 bits. */
  private writeBits(value: number, count: number): void {
    this.bits = (this.bits << count) | value
    this.bitCount += count
    while (this.bitCount >= 8) {
      this.bitCount -= 8
      const byte = (this.bits >>> this.bitCount) & 0xff
      this.writeByte(byte)
      // In a scan FF is a byte only when 00 follows.
      if (byte === 0xff) this.writeByte(0)
    }
    this.bits &= (1 << this.bitCount) - 1
  }

  private writeByte(value: number): void {
    if (this.length === this.bytes.length) {
      const longer = new Uint8Array(2 * this.bytes.length)
      longer.set(this.bytes)
      this.bytes = longer
    }
    this.bytes[this.length++] = value
  }
}
