/** A photo that is refused; the message is for the person. */
export class PhotoRefused extends Error {
  override readonly name = 'PhotoRefused'
}
