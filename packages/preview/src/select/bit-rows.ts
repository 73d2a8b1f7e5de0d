/** A yes or no for each cell of a grid, 32 cells a word, so that widening and searching go by words. */
export class BitRows {
  readonly height: number
  /** Words a row; bit x & 31 of word x >> 5 stands for column x. */
  readonly words: number
  readonly bits: Int32Array
  private readonly lastWord: number
  private readonly scratch: Int32Array

  constructor(width: number, height: number) {
    this.height = height
    this.words = (width + 31) >> 5
    this.bits = new Int32Array(this.words * height)
    this.scratch = new Int32Array(this.words * height)
    this.lastWord = (width & 31) === 0 ? -1 : (1 << (width & 31)) - 1
  }

  /** Sets the cells that differ in `from` from their right or their lower neighbour. */
  markChanges(from: BitRows): void {
    const { words, height, bits, lastWord } = this
    for (let y = 0, at = 0; y < height; y++) {
      for (let w = 0; w < words; w++, at++) {
        const own = from.bits[at]
        const last = w + 1 === words
        const right = (own >>> 1) | (last ? 0 : from.bits[at + 1] << 31)
        // The last column has no right neighbour.
        const across = (own ^ right) & (last ? lastWord >>> 1 : -1)
        bits[at] = across | (y + 1 < height ? own ^ from.bits[at + words] : 0)
      }
    }
  }

  /** Sets the cells that lie within `across` (below 32) columns and `down` rows of one that is set in `from`. */
  widen(from: BitRows, across: number, down: number): void {
    const { words, height, bits, scratch, lastWord } = this
    for (let y = 0, at = 0; y < height; y++) {
      for (let w = 0; w < words; w++, at++) {
        const own = from.bits[at]
        const before = w > 0 ? from.bits[at - 1] : 0
        const after = w + 1 < words ? from.bits[at + 1] : 0
        let wide = own
        if ((own | before | after) !== 0) {
          for (let s = 1; s <= across; s++) {
            wide |= (own << s) | (own >>> s) | (before >>> (32 - s)) | (after << (32 - s))
          }
        }
        scratch[at] = w + 1 < words ? wide : wide & lastWord
      }
    }
    for (let y = 0; y < height; y++) {
      const first = (y > down ? y - down : 0) * words
      const end = (y + down < height ? y + down + 1 : height) * words
      for (let w = 0; w < words; w++) {
        let any = 0
        for (let at = first + w; at < end; at += words) any |= scratch[at]
        bits[y * words + w] = any
      }
    }
  }

  /** Writes first column and end (excluded) of each stretch of a row into `out`, two numbers each; returns how many. */
  stretches(row: number, out: Int32Array): number {
    const { words, bits } = this
    const first = row * words
    let count = 0
    let open = false
    for (let w = 0; w < words; w++) {
      // Bits where the row turns over against the cell before.
      let turns = bits[first + w]
      turns ^= (turns << 1) | (open ? 1 : 0)
      while (turns !== 0) {
        const low = 31 - Math.clz32(turns & -turns)
        out[count++] = w * 32 + low
        turns &= turns - 1
      }
      open = bits[first + w] < 0
    }
    if (open) out[count++] = words * 32
    return count >> 1
  }
}
