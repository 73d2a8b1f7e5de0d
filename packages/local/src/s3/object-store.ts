import { createHash, randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { type FileHandle, open, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { readJson } from '../durable-json.ts'
import type { BodyDigests } from './body.ts'
import type { ChecksumAlgorithm } from './checksums.ts'
import { replaceFile } from './replace-file.ts'

// FOLDER/bucket-NAME/objects/HH/HASH.json   one per object: key, headers and the name of its blob
// FOLDER/bucket-NAME/blobs/ID               bodies, never written twice
// FOLDER/bucket-NAME/uploads/ID/…           multipart uploads that are not complete
// HASH is of the key, so that no key can name a file: keys are longer, differ in case, end in dots, are called CON.

/** What S3 knows about an object besides its bytes. */
export interface StoredObject {
  readonly key: string
  readonly sizeBytes: number
  /** Without quotes: MD5 in hex, or `MD5-PARTS`. */
  readonly etag: string
  /** Epoch milliseconds. */
  readonly lastModified: number
  /** Standard headers that come back with the object, names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** `x-amz-meta-*` without the prefix. */
  readonly metadata: Readonly<Record<string, string>>
  readonly checksums: Readonly<Partial<Record<ChecksumAlgorithm, string>>>
  /** Grows with every write, comparable as text. */
  readonly sequencer: string
  readonly blob: string
}

/** A body that lies on disk but belongs to no object yet. */
export interface Blob extends BodyDigests {
  readonly id: string
}

/** Buckets and objects below one folder; every change is whole after a kill -9, or has not happened. */
export interface ObjectStore {
  hasBucket(bucket: string): boolean
  createBucket(bucket: string): void
  get(bucket: string, key: string): StoredObject | undefined
  /** Every key of the bucket in UTF-8 order, the order of S3's listings. */
  keys(bucket: string): readonly string[]
  /** The object with its open body; the caller closes it. An overwrite meanwhile changes neither. */
  open(bucket: string, key: string): Promise<{ object: StoredObject; file: FileHandle } | undefined>
  /** Writes a checked body to disk; when the check fails nothing is left. */
  writeBlob(bucket: string, source: AsyncGenerator<Buffer, BodyDigests, undefined>): Promise<Blob>
  openBlob(bucket: string, blob: string): Promise<FileHandle>
  discard(bucket: string, blob: string): Promise<void>
  /**
   * Makes the blob the object's body. `guard` sees the current object and may throw, `around` runs the change (and so
   * can put something durable before it); both are alone with this key.
   */
  commit(
    bucket: string,
    object: Omit<StoredObject, 'sequencer' | 'lastModified'>,
    guard: (current: StoredObject | undefined) => void,
    around: (stored: StoredObject, change: () => Promise<void>) => Promise<void>,
  ): Promise<StoredObject>
  remove(bucket: string, key: string): Promise<void>
  uploadsFolder(bucket: string): string
}

interface Bucket {
  readonly folder: string
  readonly objects: Map<string, StoredObject>
  /** Made when a listing needs it, forgotten when a key comes or goes. */
  sortedKeys: string[] | undefined
}

/** Opens the store, reads what is there and deletes what a killed process left behind. */
export function openObjectStore(folder: string, now: () => number): ObjectStore {
  mkdirSync(folder, { recursive: true })
  const buckets = new Map<string, Bucket>()
  let lastSequencer = 0n
  for (const name of readdirSync(folder)) {
    if (!name.startsWith('bucket-')) continue
    const bucket = loadBucket(join(folder, name))
    for (const { sequencer } of bucket.objects.values()) {
      const value = BigInt(`0x${sequencer}`)
      if (value > lastSequencer) lastSequencer = value
    }
    buckets.set(name.slice('bucket-'.length), bucket)
  }
  const alone = new KeyedLock()

  const bucketOf = (name: string): Bucket => {
    const bucket = buckets.get(name)
    if (!bucket) throw new Error(`The bucket ${name} does not exist.`)
    return bucket
  }
  const nextSequencer = () => {
    const clock = BigInt(now()) << 12n
    lastSequencer = clock > lastSequencer ? clock : lastSequencer + 1n
    return lastSequencer.toString(16).toUpperCase().padStart(18, '0')
  }
  const blobPath = (bucket: string, blob: string) => join(bucketOf(bucket).folder, 'blobs', blob)

  const store: ObjectStore = {
    hasBucket: (name) => buckets.has(name),
    createBucket(name) {
      if (buckets.has(name)) return
      const bucketFolder = join(folder, `bucket-${name}`)
      for (const part of ['objects', 'blobs', 'uploads'])
        mkdirSync(join(bucketFolder, part), { recursive: true })
      buckets.set(name, { folder: bucketFolder, objects: new Map(), sortedKeys: undefined })
    },
    get: (bucket, key) => bucketOf(bucket).objects.get(key),
    keys(name) {
      const bucket = bucketOf(name)
      bucket.sortedKeys ??= [...bucket.objects.keys()].sort(compareKeys)
      return bucket.sortedKeys
    },
    async open(bucket, key) {
      for (;;) {
        const object = store.get(bucket, key)
        if (!object) return undefined
        try {
          return { object, file: await open(blobPath(bucket, object.blob)) }
        } catch (error) {
          // Overwritten between the look-up and the opening: look again.
          if (store.get(bucket, key) === object) throw error
        }
      }
    },
    async writeBlob(bucket, source) {
      const id = randomUUID().replaceAll('-', '')
      const path = blobPath(bucket, id)
      const file = await open(path, 'wx')
      try {
        for (;;) {
          const step = await source.next()
          if (!step.done) {
            await file.writeFile(step.value)
            continue
          }
          await file.datasync()
          await file.close()
          return { id, ...step.value }
        }
      } catch (error) {
        await source.return({ sizeBytes: 0, md5: '', checksums: {} })
        await file.close()
        await unlink(path)
        throw error
      }
    },
    openBlob: (bucket, blob) => open(blobPath(bucket, blob)),
    discard: (bucket, blob) => rm(blobPath(bucket, blob), { force: true }),
    commit: (name, draft, guard, around) =>
      alone.run(`${name}/${draft.key}`, async () => {
        const bucket = bucketOf(name)
        const current = bucket.objects.get(draft.key)
        guard(current)
        const stored = { ...draft, lastModified: now(), sequencer: nextSequencer() }
        await around(stored, async () => {
          await replaceFile(objectPath(bucket.folder, stored.key), JSON.stringify(stored))
          bucket.objects.set(stored.key, stored)
          if (!current) bucket.sortedKeys = undefined
        })
        if (current) await store.discard(name, current.blob)
        return stored
      }),
    remove: (name, key) =>
      alone.run(`${name}/${key}`, async () => {
        const bucket = bucketOf(name)
        const current = bucket.objects.get(key)
        if (!current) return
        await rm(objectPath(bucket.folder, key), { force: true })
        bucket.objects.delete(key)
        bucket.sortedKeys = undefined
        await store.discard(name, current.blob)
      }),
    uploadsFolder: (name) => join(bucketOf(name).folder, 'uploads'),
  }
  return store
}

function loadBucket(folder: string): Bucket {
  const objects = new Map<string, StoredObject>()
  for (const part of ['objects', 'blobs', 'uploads']) mkdirSync(join(folder, part), { recursive: true })
  for (const shard of readdirSync(join(folder, 'objects'))) {
    for (const name of readdirSync(join(folder, 'objects', shard))) {
      const path = join(folder, 'objects', shard, name)
      if (name.endsWith('.json')) {
        const object = readJson(path) as StoredObject
        objects.set(object.key, object)
      } else rmSync(path, { force: true })
    }
  }
  const used = new Set([...objects.values()].map((object) => object.blob))
  for (const upload of readdirSync(join(folder, 'uploads'))) {
    for (const name of readdirSync(join(folder, 'uploads', upload))) {
      if (!name.startsWith('part-') || !name.endsWith('.json')) continue
      used.add((readJson(join(folder, 'uploads', upload, name)) as { blob: string }).blob)
    }
  }
  for (const blob of readdirSync(join(folder, 'blobs'))) {
    if (!used.has(blob)) rmSync(join(folder, 'blobs', blob), { force: true })
  }
  return { folder, objects, sortedKeys: undefined }
}

function objectPath(bucketFolder: string, key: string): string {
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 40)
  return join(bucketFolder, 'objects', hash.slice(0, 2), `${hash}.json`)
}

/** UTF-8 order, S3's; UTF-16 order differs only where a surrogate meets a unit from U+E000 on. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const [x, y] = [a.charCodeAt(index), b.charCodeAt(index)]
    if (x !== y) return surrogatesLast(x) - surrogatesLast(y)
  }
  return a.length - b.length
}

function surrogatesLast(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

class KeyedLock {
  readonly #tails = new Map<string, Promise<unknown>>()

  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve()
    const turn = before.then(task, task)
    const tail = turn.catch(() => {})
    this.#tails.set(key, tail)
    try {
      return await turn
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key)
    }
  }
}
