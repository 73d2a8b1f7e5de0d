/**
 * The file of an engine's own decoder: from the browser's store or its signed address, never used with another hash.
 * Plain http has neither the Cache API nor crypto.subtle, so the store is IndexedDB and the hash is computed here.
 */
import { NetworkError } from '@gen3d/client/errors'
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex } from '@noble/hashes/utils.js'
import type { Keep } from '../keep.ts'
import { strings } from '../strings.ts'

export interface DecoderPlace {
  readonly url: string
  /** Hex, of the whole file. */
  readonly sha256: string
}

/** One file is kept: a deployment has one decoder, and it has 22 MB. */
const NEWEST = 'newest'

/** The file's bytes; `onProgress` gets 0-1 while it comes. Rejects with a sentence for the user. */
export async function readDecoderFile(
  place: DecoderPlace,
  keep: Keep,
  onProgress: (fraction: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const kept = await keep.read<Uint8Array<ArrayBuffer>>('decoders', NEWEST).catch(() => undefined)
  if (kept && hashOf(kept) === place.sha256) return kept
  const bytes = await download(place.url, onProgress)
  if (hashOf(bytes) !== place.sha256) throw new Error(strings.select.decoderChanged)
  // Kept or not, it works: the store may be full.
  await keep.write('decoders', NEWEST, bytes).catch(() => undefined)
  return bytes
}

function hashOf(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes))
}

async function download(
  url: string,
  onProgress: (fraction: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url)
    if (!response.ok || !response.body) throw new Error(`The decoder's address answered ${response.status}.`)
    const total = Number(response.headers.get('content-length')) || 0
    const parts: Uint8Array<ArrayBuffer>[] = []
    let received = 0
    const reader = response.body.getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      parts.push(part.value)
      received += part.value.length
      if (total > 0) onProgress(Math.min(1, received / total))
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer())
  } catch (cause) {
    throw new NetworkError(strings.errors.network, { cause })
  }
}
