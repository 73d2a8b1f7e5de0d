import { createHash } from 'node:crypto'
import type { Image } from '@gen3d/image/types'
import type { PointPrompt } from '@gen3d/shared/prompts'
import { describe, expect, it } from 'vitest'
import { createDecoder } from './decode.ts'
import { embedPhoto, readEmbedding, writeEmbedding } from './embed.ts'
import { PreviewError } from './errors.ts'
import { seededRandom } from './select/numeric.ts'
import { drawScene } from './select/scene.fixture.ts'

const photo = drawScene(200, 150)
const decoder = createDecoder(embedPhoto(photo), photo)

function share(mask: Uint8Array, test: (x: number, y: number) => boolean, width: number): number {
  let both = 0
  let either = 0
  mask.forEach((v, p) => {
    const truth = test(p % width, Math.floor(p / width))
    if (v === 1 && truth) both++
    if (v === 1 || truth) either++
  })
  return both / either
}

const inDisc = (x: number, y: number): boolean => (x - 70) * (x - 70) + (y - 75) * (y - 75) <= 40 * 40

describe('decode', () => {
  it('finds a plain disc from one click in its middle', () => {
    const [best] = decoder.decode({ points: [{ x: 70, y: 75, label: 1 }] })
    expect(best.mask.length).toBe(200 * 150)
    expect(share(best.mask, inDisc, 200)).toBeGreaterThan(0.85)
  })

  it('finds a plain disc from its box alone', () => {
    const [best] = decoder.decode({ points: [], box: [30, 35, 110, 115] })
    expect(share(best.mask, inDisc, 200)).toBeGreaterThan(0.85)
  })

  it('sketches the same object at the working size, whatever the size of the photo', () => {
    const large = drawScene(1000, 750)
    const opened = createDecoder(embedPhoto(large), large)
    const points: PointPrompt[] = [
      { x: 350, y: 375, label: 1 },
      { x: 900, y: 700, label: 0 },
    ]
    const [{ mask }] = opened.decode({ points })
    const sketch = opened.sketch({ points })
    expect([sketch.width, sketch.height]).toEqual([512, 384])
    const truth = (x: number, y: number) =>
      mask[Math.floor((y * 750) / 384) * 1000 + Math.floor((x * 1000) / 512)] === 1
    expect(share(sketch.mask, truth, 512)).toBeGreaterThan(0.95)
    expect(share(opened.sketch({ points, previousMask: mask }).mask, truth, 512)).toBeGreaterThan(0.95)
    expect(decoder.sketch({ points: [points[0]].map((p) => ({ ...p, x: 70, y: 75 })) }).mask).toEqual(
      decoder.decode({ points: [{ x: 70, y: 75, label: 1 }] })[0].mask,
    )
  })

  it('grows and shrinks the mask with the shift of its threshold, and is the same without one', () => {
    const prompts = { points: [{ x: 70, y: 75, label: 1 as const }] }
    const area = (shift?: number) => decoder.decode(prompts, shift)[0].mask.reduce((sum, v) => sum + v, 0)
    expect(decoder.decode(prompts, 0)[0].mask).toEqual(decoder.decode(prompts)[0].mask)
    expect(area(-4)).toBeGreaterThan(area())
    expect(area(4)).toBeLessThan(area())
    expect(decoder.decode(prompts, 8)[0].mask[75 * 200 + 70]).toBe(1)
  })

  it('honours every click, of two on one pixel the later, in every candidate', { timeout: 120_000 }, () => {
    const random = seededRandom(7)
    for (let game = 0; game < 12; game++) {
      const points: PointPrompt[] = []
      const count = 1 + Math.floor(random() * 12)
      for (let k = 0; k < count; k++) {
        const near = game % 2 === 0 && k > 0
        const x = near ? Math.min(199, points[0].x + Math.floor(random() * 3)) : Math.floor(random() * 200)
        const y = near ? Math.min(149, points[0].y + Math.floor(random() * 3)) : Math.floor(random() * 150)
        points.push({ x, y, label: random() > 0.5 || k === 0 ? 1 : 0 })
      }
      const last = new Map(points.map((p) => [p.y * 200 + p.x, p.label]))
      const candidates = decoder.decode({ points, box: game % 5 === 0 ? [20, 20, 150, 140] : null })
      expect(candidates.length).toBeGreaterThanOrEqual(1)
      expect(candidates.length).toBeLessThanOrEqual(3)
      for (const { mask, score } of candidates) {
        for (const [pixel, label] of last) expect(mask[pixel]).toBe(label)
        expect(score).toBeGreaterThanOrEqual(0)
        expect(score).toBeLessThanOrEqual(1)
      }
    }
  })

  it('takes nothing away when a + lands inside, and adds nothing when a - lands outside', () => {
    const points: PointPrompt[] = [{ x: 70, y: 75, label: 1 }]
    const [before] = decoder.decode({ points })
    const [more] = decoder.decode({ points: [...points, { x: 80, y: 90, label: 1 }] })
    const [less] = decoder.decode({ points: [...points, { x: 190, y: 140, label: 0 }] })
    expect([before.mask[90 * 200 + 80], before.mask[140 * 200 + 190]]).toEqual([1, 0])
    const pixels = Array.from({ length: before.mask.length }, (_, p) => p)
    expect(pixels.filter((p) => before.mask[p] === 1 && more.mask[p] === 0).length).toBeLessThan(30)
    expect(pixels.filter((p) => before.mask[p] === 0 && less.mask[p] === 1).length).toBeLessThan(30)
  })

  it('gives the identical mask after an undo', () => {
    const points: PointPrompt[] = [
      { x: 70, y: 75, label: 1 },
      { x: 150, y: 60, label: 0 },
    ]
    const before = decoder.decode({ points })
    decoder.decode({ points: [...points, { x: 100, y: 100, label: 1 }], box: [0, 0, 150, 140] })
    expect(decoder.decode({ points })).toEqual(before)
  })

  it('paints the other candidates as they were meant, however late they are looked at', () => {
    const clicks = Array.from({ length: 80 }, (_, k): PointPrompt[] => [
      { x: 10 + 20 * (k % 10), y: 10 + 18 * Math.floor(k / 10), label: 1 },
    ])
    const points = clicks.find((click) => decoder.decode({ points: click }).length > 1) ?? []
    const atOnce = decoder.decode({ points }).map(({ mask, score }) => ({ mask, score }))
    const late = decoder.decode({ points })
    points.push({ x: 150, y: 60, label: 0 })
    decoder.decode({ points, box: [0, 0, 150, 140] })
    expect(late).toEqual(atOnce)
    expect(late[1].mask).toBe(late[1].mask)
  })

  it('gives the same mask from a written and read embedding', () => {
    const again = createDecoder(readEmbedding(writeEmbedding(embedPhoto(photo))), photo)
    const points: PointPrompt[] = [{ x: 60, y: 70, label: 1 }]
    expect(again.decode({ points })).toEqual(decoder.decode({ points }))
  })

  it('keeps what is selected when a stroke adds elsewhere, and adds nothing when one takes away', () => {
    const stroke = (label: 0 | 1) => ({ radius: 6, label, points: [[20, 140] as const, [60, 142] as const] })
    for (const prompts of [
      { points: [{ x: 70, y: 75, label: 1 as const }] },
      { points: [], box: [30, 35, 110, 115] as const },
    ]) {
      const [before] = decoder.decode(prompts)
      const [added] = decoder.decode({ ...prompts, strokes: [stroke(1)] })
      const [taken] = decoder.decode({ ...prompts, strokes: [stroke(0)] })
      const inside = before.mask.filter((v) => v === 1).length
      expect(before.mask.filter((v, p) => v === 1 && added.mask[p] === 0).length).toBeLessThan(inside * 0.02)
      expect(before.mask.filter((v, p) => v === 0 && taken.mask[p] === 1).length).toBeLessThan(inside * 0.02)
      expect(added.mask[141 * 200 + 40]).toBe(1)
      expect(decoder.decode(prompts)[0].mask).toEqual(before.mask)
    }
  })

  it('takes back what a stroke added when it is erased again', () => {
    const stroke = (label: 0 | 1) => ({ radius: 6, label, points: [[20, 140] as const, [60, 142] as const] })
    const prompts = { points: [{ x: 70, y: 75, label: 1 as const }] }
    const pixels = (strokes: ReturnType<typeof stroke>[]) =>
      decoder.decode({ ...prompts, strokes })[0].mask.filter((v) => v === 1).length
    const painted = pixels([stroke(1)])
    expect(painted - pixels([stroke(1), stroke(0)])).toBeGreaterThan((painted - pixels([])) * 0.8)
  })

  it('sets the pixels of a stroke and starts from a previous mask', () => {
    const [stroked] = decoder.decode({
      points: [],
      strokes: [
        {
          radius: 3,
          label: 1,
          points: [
            [50, 75],
            [90, 75],
          ],
        },
      ],
    })
    for (let x = 50; x <= 90; x++) expect(stroked.mask[75 * 200 + x]).toBe(1)
    expect(share(stroked.mask, inDisc, 200)).toBeGreaterThan(0.8)
    const previousMask = new Uint8Array(200 * 150)
    for (let y = 30; y < 60; y++) previousMask.fill(1, y * 200 + 140, y * 200 + 190)
    expect(decoder.decode({ points: [], previousMask })[0].mask).toEqual(previousMask)
    const [more] = decoder.decode({ points: [{ x: 70, y: 75, label: 1 }], previousMask })
    expect(more.mask[45 * 200 + 165]).toBe(1)
    expect(more.mask[75 * 200 + 70]).toBe(1)
  })

  it('refuses prompts that cannot be used, by code', () => {
    const bad = [
      { points: [] },
      { points: [{ x: 200, y: 0, label: 1 as const }] },
      { points: [{ x: -1, y: 0, label: 1 as const }] },
      { points: [{ x: Number.NaN, y: 0, label: 1 as const }] },
      { points: [], box: [10, 10, 5, 20] as const },
      { points: [], box: [300, 10, 400, 20] as const },
      { points: [], box: [Number.NaN, 0, 1, 1] as const },
      { points: [], previousMask: new Uint8Array(3) },
      { points: [], strokes: [{ radius: Number.NaN, label: 1 as const, points: [[1, 1] as const] }] },
    ]
    for (const prompts of bad) {
      expect(() => decoder.decode(prompts)).toThrow(PreviewError)
      try {
        decoder.decode(prompts)
      } catch (error) {
        expect(error).toMatchObject({ code: 'prompt_invalid' })
      }
    }
    expect(() => createDecoder(embedPhoto(photo), drawScene(20, 20))).toThrow(PreviewError)
  })

  it('answers on photos of every shape, plain ones too', { timeout: 60_000 }, () => {
    const white = (width: number, height: number): Image => ({
      width,
      height,
      data: new Uint8ClampedArray(width * height * 4).fill(255),
    })
    const photos = [
      white(1, 1),
      white(2, 3),
      white(64, 64),
      white(1200, 1),
      white(3, 2000),
      drawScene(7, 5),
      drawScene(8192, 4),
    ]
    for (const image of photos) {
      const { width, height } = image
      const tiny = createDecoder(readEmbedding(writeEmbedding(embedPhoto(image))), image)
      const x = width >> 1
      const y = height >> 1
      for (const prompts of [
        { points: [{ x, y, label: 1 as const }] },
        { points: [{ x, y, label: 0 as const }] },
        { points: [], box: [0, 0, width - 1, height - 1] as const },
        {
          points: [
            { x: 0, y: 0, label: 1 as const },
            { x: width - 1, y: height - 1, label: 0 as const },
          ],
        },
      ]) {
        const candidates = tiny.decode(prompts)
        if (prompts.box) expect(candidates[0].mask.includes(1)).toBe(true)
        for (const { mask, score } of candidates) {
          expect(mask.length).toBe(width * height)
          expect(Number.isFinite(score)).toBe(true)
        }
      }
    }
  })

  it('gives these very bytes on every machine', () => {
    const [best] = decoder.decode({
      points: [
        { x: 70, y: 75, label: 1 },
        { x: 160, y: 40, label: 0 },
      ],
    })
    expect(createHash('sha256').update(best.mask).digest('hex')).toMatchInlineSnapshot(
      `"ac6960839b4090ab85636f16d4eb5eed1ba5dcf8cb6516094d44fe3cbabf7156"`,
    )
  })
})
