/** Fetching result files: with progress, and with fresh signed addresses when the old ones are too old. */
import { NetworkError } from '@gen3d/client/errors'
import type { ReconstructResponse, ResultFile } from '@gen3d/shared/api'
import type { FileFormat } from '@gen3d/shared/formats'
import { FORMATS } from '@gen3d/shared/formats'
import { DOWNLOAD_URL_SECONDS } from '@gen3d/shared/limits'
import { strings } from '../strings.ts'
import type { ShownKind } from './scene.ts'

/** What the viewer reads, the smallest first. */
const SHOWN: Record<ShownKind, readonly FileFormat[]> = {
  splat: ['compressed_ply', 'sog', 'ply'],
  mesh: ['glb'],
}

/** The file of an object that the viewer shows, or null. */
export function shownFile(files: readonly ResultFile[], kind: ShownKind): ResultFile | null {
  for (const format of SHOWN[kind]) {
    const file = files.find((each) => each.format === format)
    if (file) return file
  }
  return null
}

export function shownKinds(result: Pick<ReconstructResponse, 'objects'>): ShownKind[] {
  return (['splat', 'mesh'] as const).filter((kind) =>
    result.objects.some((each) => shownFile(each.files, kind)),
  )
}

/** What the viewer and the downloads need to know: of a job's result, or of what somebody shared. */
export type ShownResult = Pick<
  ReconstructResponse,
  'objects' | 'scene' | 'camera' | 'scale_basis' | 'engine'
> & { readonly warnings?: readonly string[] }

/** The address of the picture that was made of the objects, or of the first of them; null when there is none. */
export function posterOf(result: Pick<ShownResult, 'objects' | 'scene'>): string | null {
  const lists = [result.scene?.files ?? [], ...result.objects.map((each) => each.files)]
  return lists.flatMap((files) => files.find((each) => each.format === 'png') ?? [])[0]?.url ?? null
}

/** A result with addresses that still hold; asked for whenever files are needed. */
export type FreshResult = () => Promise<ShownResult>

/** Signed addresses are asked for anew when most of their time is over. */
export function keepFresh(first: ShownResult, read: () => Promise<ShownResult>): FreshResult {
  let known = first
  let readAt = Date.now()
  return async () => {
    if (Date.now() - readAt > DOWNLOAD_URL_SECONDS * 800) {
      known = await read()
      readAt = Date.now()
    }
    return known
  }
}

/** A name that every file system takes. */
export function fileName(object: string, format: FileFormat): string {
  const safe = object
    .normalize('NFKC')
    .replaceAll(/[^\p{L}\p{N}._ -]+/gu, '')
    .trim()
    .replaceAll(/\s+/g, '-')
    .slice(0, 60)
  return `${safe.replace(/^\.+/, '') || 'object'}.${FORMATS[format].extension}`
}

/** Reads a file's bytes; `onProgress` gets bytes so far. Throws NetworkError when it breaks off. */
export async function fetchFile(
  url: string,
  sizeBytes: number,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const response = await fetch(url, { signal })
    if (!response.ok || !response.body) throw new NetworkError(strings.keep.failed)
    const reader = response.body.getReader()
    const bytes = new Uint8Array(sizeBytes)
    let at = 0
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      if (at + part.value.length > sizeBytes) throw new NetworkError(strings.keep.failed)
      bytes.set(part.value, at)
      at += part.value.length
      onProgress(at)
    }
    if (at !== sizeBytes) throw new NetworkError(strings.keep.failed)
    return bytes
  } catch (cause) {
    if (signal.aborted || cause instanceof NetworkError) throw cause
    throw new NetworkError(strings.keep.failed, { cause })
  }
}

/** Hands bytes to the browser's download. */
export function saveAs(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download reads the address after the click; a minute is enough for any disk.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
