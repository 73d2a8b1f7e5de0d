/** Names a format that is not taken, from the file's first bytes ("a GIF"), or null when it is none that is known. */
export function nameOtherFormat(bytes: Uint8Array): string | null {
  const text = String.fromCharCode(...bytes.subarray(0, 1024))
  const found = SIGNATURES.find(([signature]) => text.startsWith(signature))
  if (found) return found[1]
  if (text.slice(4, 8) === 'ftyp') return nameIsoFile(text.slice(8, 12))
  if (/^(\u00ef\u00bb\u00bf)?\s*<(\?xml|!--|!DOCTYPE svg|svg)/.test(text) && text.includes('<svg'))
    return 'an SVG drawing'
  return null
}

const SIGNATURES: readonly (readonly [string, string])[] = [
  ['GIF87a', 'a GIF'],
  ['GIF89a', 'a GIF'],
  ['BM', 'a BMP'],
  ['II*\0', 'a TIFF or a camera’s raw file'],
  ['MM\0*', 'a TIFF or a camera’s raw file'],
  ['%PDF', 'a PDF'],
  ['8BPS', 'a Photoshop file'],
  ['\xff\x0a', 'a JPEG XL'],
  ['\0\0\0\x0cJXL ', 'a JPEG XL'],
  ['\0\0\0\x0cjP  ', 'a JPEG 2000'],
]

function nameIsoFile(brand: string): string {
  if (/^(hei|hev|mif|msf)/.test(brand)) return 'a HEIC photo'
  if (/^avi/.test(brand)) return 'an AVIF'
  return 'a video or a raw file'
}
