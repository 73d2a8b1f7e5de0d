import { damaged, unsupportedVariant } from './errors.ts'
import { hasNoBody, isFrameHeader } from './head-jpeg.ts'

/** A progressive JPEG of a camera has about 10; each scan costs a walk over the whole picture. */
const MAX_SCANS = 64

const EOI = 0xd9
const SOS = 0xda
const DHT = 0xc4
const DQT = 0xdb
const DRI = 0xdd
const APP0 = 0xe0
const APP14 = 0xee

interface JpegParts {
  /** The same picture without comments, profiles, previews, and stray bytes between the segments. */
  readonly bytes: Uint8Array
  readonly scans: number
  readonly channels: number
  /** The file has Adobe's segment: its CMYK values are stored inverted. */
  readonly adobe: boolean
}

/**
 * Walks over a whole JPEG and keeps what makes its pixels; throws ImageError `damaged` when it has no end, has two
 * frames, or its segments are cut.
 */
export function readJpegParts(bytes: Uint8Array): JpegParts {
  const kept = new Uint8Array(bytes.length)
  let length = 0
  const keep = (start: number, end: number) => {
    kept.set(bytes.subarray(start, end), length)
    length += end - start
  }
  keep(0, 2)
  let scans = 0
  let channels = 0
  let adobe = false
  for (let at = 2; ; ) {
    const start = findMarker(bytes, at)
    const marker = bytes[start + 1]
    at = start + 2
    if (marker === EOI) {
      if (scans === 0) throw damaged('it has no pixels')
      keep(start, at)
      return { bytes: kept.subarray(0, length), scans, channels, adobe }
    }
    if (hasNoBody(marker)) continue
    const end = at + ((bytes[at] << 8) | bytes[at + 1])
    // Also false when the length itself is missing (NaN).
    if (!(end >= at + 2 && end <= bytes.length)) throw damaged('the file ends early')
    if (isFrameHeader(marker)) {
      if (channels > 0) throw damaged('it has two frames')
      channels = bytes[at + 7]
      if (channels !== 1 && channels !== 3 && channels !== 4) {
        throw unsupportedVariant(`a JPEG with ${channels} channels`)
      }
    }
    if (marker === APP14 && hasName(bytes, at + 2, 'Adobe')) adobe = true
    if (isNeeded(bytes, marker, at)) keep(start, end)
    at = end
    if (marker === SOS) {
      if (channels === 0) throw damaged('its size is missing')
      if (++scans > MAX_SCANS) throw unsupportedVariant(`a JPEG with more than ${MAX_SCANS} scans`)
      at = findScanEnd(bytes, at)
      keep(end, at)
    }
  }
}

/** The picture's tables and frame, and the two segments that tell how its colours are coded (JFIF, Adobe). */
function isNeeded(bytes: Uint8Array, marker: number, at: number): boolean {
  if (marker === APP0) return hasName(bytes, at + 2, 'JFIF\0')
  if (marker === APP14) return hasName(bytes, at + 2, 'Adobe')
  return isFrameHeader(marker) || marker === DHT || marker === DQT || marker === DRI || marker === SOS
}

function hasName(bytes: Uint8Array, at: number, name: string): boolean {
  return String.fromCharCode(...bytes.subarray(at, at + name.length)) === name
}

/** The offset of the next marker's FF. */
function findMarker(bytes: Uint8Array, from: number): number {
  for (
    let at = bytes.indexOf(0xff, from);
    at >= 0 && at + 1 < bytes.length;
    at = bytes.indexOf(0xff, at + 1)
  ) {
    if (bytes[at + 1] !== 0x00 && bytes[at + 1] !== 0xff) return at
  }
  throw damaged('the file ends early')
}

/** The offset of the marker that ends a scan; restart markers (RST0..7) belong to the scan. */
function findScanEnd(bytes: Uint8Array, from: number): number {
  for (let at = findMarker(bytes, from); ; at = findMarker(bytes, at + 2)) {
    if (bytes[at + 1] < 0xd0 || bytes[at + 1] > 0xd7) return at
  }
}
