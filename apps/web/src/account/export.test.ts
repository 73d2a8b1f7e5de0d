import { NetworkError } from '@gen3d/client/errors'
import type { ExportPage } from '@gen3d/shared/api'
import { unzipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { type ExportSource, exportAll } from './export.ts'

const CONTENT: Record<string, string> = {
  'a/photo.jpg': 'a photo',
  'a/mask.png': '',
  'b/object.glb': 'x'.repeat(70_000),
}

/** Two pages; an address holds as long as it is not in `expired`. */
function source(expired = new Set<string>()): ExportSource & { lists: string[] } {
  const lists: string[] = []
  return {
    lists,
    async list({ cursor }): Promise<ExportPage> {
      lists.push(cursor ?? 'first')
      const paths = Object.keys(CONTENT).slice(cursor ? 2 : 0, cursor ? 3 : 2)
      return {
        files: paths.map((path) => ({
          path,
          url: `${path}?${lists.length}`,
          size_bytes: CONTENT[path].length,
        })),
        next_cursor: cursor ? null : 'second',
      }
    },
    open: async (url) =>
      expired.has(url) ? new Response(null, { status: 403 }) : new Response(CONTENT[url.split('?')[0]]),
  }
}

async function read(from: ExportSource) {
  const parts: Uint8Array<ArrayBuffer>[] = []
  const progress: number[] = []
  const done = await exportAll(
    from,
    async (bytes) => void parts.push(bytes),
    ({ bytes }) => progress.push(bytes),
  )
  const files = unzipSync(new Uint8Array(await new Blob(parts).arrayBuffer()))
  const texts = Object.entries(files).map(([path, bytes]) => [path, new TextDecoder().decode(bytes)])
  return { done, progress, texts: Object.fromEntries(texts) as Record<string, string> }
}

describe('the export of everything', () => {
  it('holds every file of every page, and tells how far it is', async () => {
    const { texts, done, progress } = await read(source())
    expect(texts).toEqual(CONTENT)
    expect(done).toEqual({ files: 3, bytes: 70_007 })
    expect(progress.at(-1)).toBe(70_007)
  })

  it('asks for new addresses when one has run out', async () => {
    const from = source(new Set(['b/object.glb?2']))
    expect((await read(from)).texts).toEqual(CONTENT)
    expect(from.lists).toEqual(['first', 'second', 'second'])
  })

  it('fails when a file breaks off, instead of making a ZIP that lacks something', async () => {
    const short = source()
    await expect(
      exportAll(
        { ...short, open: async () => new Response('a') },
        async () => {},
        () => {},
      ),
    ).rejects.toThrow(NetworkError)
  })
})
