import { createHash } from 'node:crypto'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import type { ReconstructInput } from '@gen3d/shared/engine'
import { describe, expect, it } from 'vitest'
import { createPreviewEngine, PREVIEW_FORMATS } from './engine.ts'

const WIDTH = 96
const HEIGHT = 64

function photo(): Uint8Array {
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4)
  for (let i = 0; i < WIDTH * HEIGHT; i++)
    data.set(i % WIDTH < WIDTH / 2 ? [220, 30, 30, 255] : [30, 30, 220, 255], 4 * i)
  return encodeJpeg({ width: WIDTH, height: HEIGHT, data }, 90)
}

function disc(cx: number, cy: number, r: number, width = WIDTH, height = HEIGHT): Uint8Array {
  const data = new Uint8Array(width * height)
  for (let i = 0; i < data.length; i++)
    if (((i % width) + 0.5 - cx) ** 2 + (Math.floor(i / width) + 0.5 - cy) ** 2 < r * r) data[i] = 1
  return writeMaskPng({ width, height, data })
}

function input(masks: Uint8Array[], formats: ReconstructInput['options']['formats']): ReconstructInput {
  return {
    photo: photo(),
    masks: masks.map((png, i) => ({ name: `object ${i + 1}`, png })),
    options: { formats, quality: 'draft', seed: 1, textureSize: 128, targetTriangles: 2000 },
  }
}

const engine = createPreviewEngine()
const silent = { progress: async () => {} }

describe('createPreviewEngine', () => {
  it('embeds a photo and names its size and its decoder', async () => {
    const result = await engine.embed(photo(), silent)
    expect(result.image).toEqual({ width: WIDTH, height: HEIGHT })
    expect(result.decoder.name).toBe('preview')
    expect(result.embedding.length).toBeGreaterThan(100)
  })

  it('writes every format that it names', async () => {
    const result = await engine.reconstruct(input([disc(48, 32, 20)], PREVIEW_FORMATS), silent)
    expect(result.objects[0].files.map((file) => file.format)).toEqual([...PREVIEW_FORMATS])
    for (const file of result.objects[0].files) expect(file.bytes.length).toBeGreaterThan(100)
    expect(result.scene).toBeNull()
    expect(result.scaleBasis).toBe('assumed')
    expect(result.camera).toMatchObject({ width: WIDTH, height: HEIGHT, cx: WIDTH / 2, cy: HEIGHT / 2 })
  })

  it('composes a scene of several objects', async () => {
    const result = await engine.reconstruct(
      input([disc(24, 40, 15), disc(72, 36, 12)], ['glb', 'ply']),
      silent,
    )
    expect(result.objects.map((object) => object.name)).toEqual(['object 1', 'object 2'])
    expect(result.scene?.files.map((file) => file.format)).toEqual(['glb', 'ply'])
    const sizes = result.objects.map((object) => object.files[1].bytes.length)
    expect(result.scene?.files[1].bytes.length).toBeGreaterThan(Math.max(...sizes))
  })

  it('tells its steps in order and ends with the whole', async () => {
    const seen: number[] = []
    await engine.reconstruct(input([disc(48, 32, 20)], ['glb']), {
      progress: async (_, fraction) => {
        seen.push(fraction)
      },
    })
    expect([...seen].sort((a, b) => a - b)).toEqual(seen)
    expect(seen.at(-1)).toBe(1)
  })

  it('stops with the error of a cancelled job', async () => {
    const cancelled = new Error('cancelled')
    let calls = 0
    const work = engine.reconstruct(input([disc(48, 32, 20)], ['glb', 'ply', 'stl']), {
      progress: async () => {
        calls++
        if (calls === 3) throw cancelled
      },
    })
    await expect(work).rejects.toBe(cancelled)
    expect(calls).toBe(3)
  })

  it('gives the same bytes for the same input', async () => {
    const formats = PREVIEW_FORMATS
    const [a, b] = [await once(), await once()]
    expect(a).toEqual(b)
    async function once(): Promise<string[]> {
      const result = await engine.reconstruct(input([disc(48, 32, 20)], formats), silent)
      return result.objects[0].files.map((file) => createHash('sha256').update(file.bytes).digest('hex'))
    }
  })

  it('names what it cannot use', async () => {
    const refused = (value: ReconstructInput, code: string): Promise<void> =>
      expect(engine.reconstruct(value, silent)).rejects.toMatchObject({ code })
    await refused(input([disc(0, 0, 0)], ['glb']), 'mask_empty')
    await refused(input([disc(20, 20, 9, HEIGHT, WIDTH)], ['glb']), 'mask_size_mismatch')
    await refused(input([new Uint8Array([1, 2, 3])], ['glb']), 'mask_unreadable')
    await refused({ ...input([disc(48, 32, 20)], ['glb']), photo: new Uint8Array(9) }, 'photo_unreadable')
    await refused(input([disc(48, 32, 20)], ['sog']), 'format_unsupported')
  })
})
