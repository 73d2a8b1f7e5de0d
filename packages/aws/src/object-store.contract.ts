/** What every ObjectStore must do, in memory or in S3. */
import type { ObjectStore } from '@gen3d/jobs/ports'
import { describe, expect, it } from 'vitest'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (read: Uint8Array | null) => read && new TextDecoder().decode(read)
const type = { contentType: 'text/plain' }

/** `folder`: a prefix under which the store may write. */
export function describeObjectStore(open: () => { objects: ObjectStore; folder: string }): void {
  const place = () => {
    const { objects, folder } = open()
    const prefix = `${folder}${crypto.randomUUID()}/`
    return { objects, prefix, key: `${prefix}a` }
  }

  describe('ObjectStore', () => {
    it('returns what was put, and null for what is not there', async () => {
      const { objects, key } = place()
      expect(await objects.head(key)).toBeNull()
      expect(await objects.get(key)).toBeNull()
      expect(await objects.put(key, bytes('hello'), type)).toBe(true)
      expect(text(await objects.get(key))).toBe('hello')
      expect(await objects.head(key)).toMatchObject({
        etag: expect.stringMatching(/^"[0-9a-f]{32}"$/),
        sizeBytes: 5,
        contentType: 'text/plain',
        lastModified: expect.any(Date),
      })
    })

    it('keeps an empty object', async () => {
      const { objects, key } = place()
      await objects.put(key, '', type)
      expect(await objects.head(key)).toMatchObject({ sizeBytes: 0 })
      expect(await objects.get(key)).toEqual(new Uint8Array(0))
    })

    it('reads a range, cut at the end', async () => {
      const { objects, key } = place()
      await objects.put(key, 'hello', type)
      expect(text(await objects.get(key, { range: [1, 3] }))).toBe('ell')
      expect(text(await objects.get(key, { range: [3, 99] }))).toBe('lo')
    })

    it('reads only the very object that was meant', async () => {
      const { objects, key } = place()
      await objects.put(key, 'one', type)
      const ifMatch = (await objects.head(key))?.etag ?? ''
      expect(text(await objects.get(key, { ifMatch }))).toBe('one')
      expect(text(await objects.get(key, { ifMatch, range: [0, 0] }))).toBe('o')
      await objects.put(key, 'two', type)
      expect(await objects.get(key, { ifMatch })).toBeNull()
    })

    it('lets the first of several conditional writes win', async () => {
      const { objects, key } = place()
      const wrote = await Promise.all(
        ['a', 'b', 'c'].map((body) => objects.put(key, body, { ...type, ifAbsent: true })),
      )
      expect(wrote.filter(Boolean).length).toBe(1)
      expect(text(await objects.get(key))).toBe(['a', 'b', 'c'][wrote.indexOf(true)])
    })

    it('lists and deletes under a prefix, and only there', async () => {
      const { objects, prefix } = place()
      for (const name of ['a', 'b/c', 'b/d e+ü']) await objects.put(prefix + name, name, type)
      const list = async (under: string, after?: string) => {
        const keys: string[] = []
        for await (const { key } of objects.list(under, { after })) keys.push(key.slice(prefix.length))
        return keys
      }
      expect(await list(prefix)).toEqual(['a', 'b/c', 'b/d e+ü'])
      expect(await list(`${prefix}b/`)).toEqual(['b/c', 'b/d e+ü'])
      expect(await list(prefix, `${prefix}a`)).toEqual(['b/c', 'b/d e+ü'])
      expect(await list(prefix, `${prefix}b/cc`)).toEqual(['b/d e+ü'])
      await objects.delete([`${prefix}b/c`, `${prefix}b/d e+ü`, `${prefix}gone`])
      await objects.delete([])
      expect(await list(prefix)).toEqual(['a'])
    })
  })
}
