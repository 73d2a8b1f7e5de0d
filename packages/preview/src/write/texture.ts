/** A mesh's texture as the bytes that GLB and OBJ hold. */
export interface EncodedTexture {
  readonly bytes: Uint8Array
  readonly mediaType: 'image/jpeg' | 'image/png'
  readonly extension: 'jpg' | 'png'
}
