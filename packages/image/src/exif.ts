/** How the stored pixels stand to the upright picture, as EXIF tag 0x0112 numbers it; 1 = upright. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8

const TAG_ORIENTATION = 0x0112
const TYPE_SHORT = 3
const TYPE_LONG = 4

/**
 * Reads the orientation from a TIFF block (the body of an EXIF segment); 1 when it has none or is broken, since a
 * bad tag is no reason to refuse a photo.
 *
 * Layout: byte order "II" or "MM", u16 42, u32 offset of IFD0; there u16 count, then entries of 12 bytes:
 * u16 tag, u16 type, u32 count, value (left-aligned in 4 bytes).
 */
export function readOrientation(tiff: Uint8Array): Orientation {
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.byteLength)
  if (view.byteLength < 14) return 1
  const order = view.getUint16(0)
  const little = order === 0x4949
  if (!little && order !== 0x4d4d) return 1
  if (view.getUint16(2, little) !== 42) return 1
  const ifd = view.getUint32(4, little)
  if (ifd + 2 > view.byteLength) return 1
  const count = view.getUint16(ifd, little)
  for (let i = 0, at = ifd + 2; i < count && at + 12 <= view.byteLength; i++, at += 12) {
    if (view.getUint16(at, little) !== TAG_ORIENTATION) continue
    const type = view.getUint16(at + 2, little)
    if (type === TYPE_SHORT) return toOrientation(view.getUint16(at + 8, little))
    if (type === TYPE_LONG) return toOrientation(view.getUint32(at + 8, little))
    return 1
  }
  return 1
}

/** The TIFF block inside an EXIF segment that starts with "Exif\0\0" (JPEG always, WebP sometimes), else null. */
export function skipExifName(segment: Uint8Array): Uint8Array | null {
  const name = [0x45, 0x78, 0x69, 0x66, 0, 0]
  if (segment.length < 6 || name.some((byte, i) => segment[i] !== byte)) return null
  return segment.subarray(6)
}

function toOrientation(value: number): Orientation {
  return value >= 1 && value <= 8 ? (value as Orientation) : 1
}
