/** A picture: RGBA, 8 bit, sRGB, straight alpha, rows from the top, `data.length === 4 * width * height`. */
export interface Image {
  readonly width: number
  readonly height: number
  readonly data: Uint8ClampedArray<ArrayBuffer>
}

/** A selection: one byte per pixel, 0 = outside, 1 = inside, rows from the top. */
export interface Mask {
  readonly width: number
  readonly height: number
  readonly data: Uint8Array<ArrayBuffer>
}
