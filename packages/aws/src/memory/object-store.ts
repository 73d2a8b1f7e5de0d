/** In-memory twin of the S3 ObjectStore. Signed addresses are `https://objects.invalid/KEY?…`: readable by tests only. */
import { createHash } from 'node:crypto'
import type { Clock, ObjectStore } from '@gen3d/jobs/ports'

interface StoredObject {
  readonly bytes: Uint8Array
  readonly contentType: string
  readonly etag: string
  readonly lastModified: Date
}

export class MemoryObjectStore implements ObjectStore {
  readonly objects = new Map<string, StoredObject>()
  /** Called after each write, as the bucket's events are: tests deliver them as they like. */
  onCreated: (key: string) => void = () => {}
  readonly #clock: Clock
  constructor(clock: Clock) {
    this.#clock = clock
  }

  async head(key: string) {
    const found = this.objects.get(key)
    if (!found) return null
    const { etag, contentType, lastModified } = found
    return { etag, contentType, lastModified, sizeBytes: found.bytes.length }
  }

  async get(key: string, options: { range?: readonly [number, number]; ifMatch?: string } = {}) {
    const found = this.objects.get(key)
    if (!found || (options.ifMatch && options.ifMatch !== found.etag)) return null
    return options.range ? found.bytes.slice(options.range[0], options.range[1] + 1) : found.bytes.slice()
  }

  async put(key: string, body: Uint8Array | string, options: { contentType: string; ifAbsent?: boolean }) {
    if (options.ifAbsent && this.objects.has(key)) return false
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body.slice()
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`
    this.objects.set(key, { bytes, etag, contentType: options.contentType, lastModified: this.#clock.now() })
    this.onCreated(key)
    return true
  }

  async delete(keys: readonly string[]) {
    for (const key of keys) this.objects.delete(key)
  }

  async *list(prefix: string, { after = '' }: { after?: string } = {}) {
    for (const key of [...this.objects.keys()].sort()) {
      const found = this.objects.get(key)
      if (found && key.startsWith(prefix) && key > after)
        yield { key, sizeBytes: found.bytes.length, lastModified: found.lastModified }
    }
  }

  async presignGet(key: string, options: { expiresSeconds: number; downloadName?: string }) {
    const url = new URL(`https://objects.invalid/${key}`)
    url.searchParams.set('expires', String(options.expiresSeconds))
    if (options.downloadName) url.searchParams.set('name', options.downloadName)
    return url.href
  }

  async presignPost(
    key: string,
    options: { contentType: string; sizeBytes: number; expiresSeconds: number },
  ) {
    const fields = { key, 'Content-Type': options.contentType, size: String(options.sizeBytes) }
    return { url: 'https://objects.invalid/', fields }
  }
}
