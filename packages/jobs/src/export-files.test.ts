import { EXPORT_PAGE_FILES } from '@gen3d/shared/limits'
import { describe, expect, it } from 'vitest'
import { exportFiles } from './export-files.ts'
import { shareSession } from './share.ts'
import { ANNA, BEN, createScene, keyOf } from './test-scene.ts'

describe('exporting', () => {
  it('lists photo, mask, record and results of the caller with addresses that hold 15 minutes', async () => {
    const { world, submitReconstruct, runEngine, deliver } = createScene()
    const job = await submitReconstruct()
    await runEngine()
    await deliver(keyOf(job, 'manifest'))
    await shareSession(world, ANNA, job.session_id, {})
    await submitReconstruct(BEN)
    const { files, next_cursor } = await exportFiles(world, ANNA, {})
    expect(next_cursor).toBeNull()
    const base = `sessions/${job.session_id}/`
    const paths = files.map(({ path }) => path.replace(base, ''))
    expect(paths).toEqual(expect.arrayContaining(['original_image.png', 'metadata.json']))
    expect(paths).toContainEqual(expect.stringMatching(/^masks\/[0-9a-f]{16}\.png$/))
    expect(paths).toContainEqual(expect.stringMatching(/^jobs\/[^/]+\/manifest\.json$/))
    expect(paths).toContainEqual(expect.stringMatching(/^jobs\/[^/]+\/[0-9A-Z]{26}\/.*ply$/))
    // Neither how the system works, nor what opens the share link to whoever finds the ZIP.
    for (const path of paths) expect(path).not.toMatch(/request\.json|progress\.json|cancel|share\.json/)
    for (const { path, url, size_bytes } of files) {
      const key = `users/${ANNA.sub}/${path}`
      expect(new URL(url).pathname).toBe(`/${key}`)
      expect(new URL(url).searchParams.get('expires')).toBe('900')
      expect((await world.objects.head(key))?.sizeBytes).toBe(size_bytes)
    }
  })

  it('gives every file once, page by page, at most 200 a page', async () => {
    const { world } = createScene()
    const count = 2 * EXPORT_PAGE_FILES + 1
    for (let i = 0; i < count; i++) {
      const key = `users/${ANNA.sub}/sessions/S/masks/${String(i).padStart(4, '0')}.png`
      await world.objects.put(key, 'x', { contentType: 'image/png' })
      // Left out, wherever the page's border falls.
      const internal = `users/${ANNA.sub}/sessions/S/jobs/${String(i).padStart(4, '0')}/progress.json`
      await world.objects.put(internal, 'x', { contentType: 'application/json' })
    }
    const seen: string[] = []
    let cursor: string | undefined
    for (const wanted of [EXPORT_PAGE_FILES, EXPORT_PAGE_FILES, 1]) {
      const page = await exportFiles(world, ANNA, { cursor })
      expect(page.files).toHaveLength(wanted)
      seen.push(...page.files.map(({ path }) => path))
      cursor = page.next_cursor ?? undefined
    }
    expect(cursor).toBeUndefined()
    expect(new Set(seen).size).toBe(count)
    expect(await exportFiles(world, BEN, {})).toEqual({ files: [], next_cursor: null })
  })

  it('never leaves the caller’s own prefix, whatever the cursor says, and refuses what is none', async () => {
    const { world, submitReconstruct } = createScene()
    await submitReconstruct(ANNA)
    const toCursor = (path: string) => Buffer.from(path).toString('base64url')
    for (const path of ['../', `../${ANNA.sub}/`, '/', '\u0000', '~']) {
      expect((await exportFiles(world, BEN, { cursor: toCursor(path) })).files).toEqual([])
    }
    const refusal = { code: 'invalid_request', field: 'cursor' }
    for (const cursor of ['', '!', 'a b', 'A', 'A'.repeat(2000)]) {
      await expect(exportFiles(world, ANNA, { cursor })).rejects.toMatchObject(refusal)
    }
  })
})
