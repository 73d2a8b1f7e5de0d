/** What an object costs from a large photo, and how well its splat gives the photo back in somebody else's renderer. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { createPreviewEngine } from '@gen3d/preview/engine'
import { duckPhoto } from './duck-photo.ts'
import type { Bench, Figure } from './figure.ts'
import { openForeignView, psnrInside } from './foreign-view.ts'

const WIDTH = 4000
const HEIGHT = 3000
const LARGE_GOAL_SECONDS = 4
const LARGE_GOAL_MB = 600
const LEAST_PSNR_DB = 28

/** Our duck with each pixel repeated: as many pixels to read as a phone's photo has. */
function largeDuck(): { readonly jpeg: Uint8Array; readonly maskPng: Uint8Array } {
  const { image, mask } = duckPhoto()
  const data = new Uint8ClampedArray(WIDTH * HEIGHT * 4)
  const set = new Uint8Array(WIDTH * HEIGHT)
  const from = new Uint32Array(image.data.buffer, image.data.byteOffset, image.width * image.height)
  const to = new Uint32Array(data.buffer)
  for (let y = 0, o = 0; y < HEIGHT; y++) {
    const row = Math.floor((y * image.height) / HEIGHT) * image.width
    for (let x = 0; x < WIDTH; x++, o++) {
      const i = row + Math.floor((x * image.width) / WIDTH)
      to[o] = from[i]
      set[o] = mask.data[i]
    }
  }
  return {
    jpeg: encodeJpeg({ width: WIDTH, height: HEIGHT, data }, 90),
    maskPng: writeMaskPng({ width: WIDTH, height: HEIGHT, data: set }),
  }
}

function measureLarge(): Figure[] {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-bench-'))
  try {
    const { jpeg, maskPng } = largeDuck()
    const [photo, mask] = [join(folder, 'photo.jpg'), join(folder, 'mask.png')]
    writeFileSync(photo, jpeg)
    writeFileSync(mask, maskPng)
    const script = fileURLToPath(new URL('large-photo.ts', import.meta.url))
    const printed = execFileSync(process.execPath, ['--import', 'tsx', script, photo, mask], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const { ms, cpuMs, memoryMb, steps } = JSON.parse(printed) as {
      ms: number
      cpuMs: number
      memoryMb: number
      steps: Record<string, number>
    }
    const group = 'object, 12 megapixels'
    const note = Object.entries(steps)
      .filter(([stage]) => stage !== '')
      .map(([stage, time]) => `${stage} ${time}`)
      .join(', ')
    return [
      {
        ...{ group, name: 'reconstruct standard, cold', unit: 's', value: ms / 1000, cpu: cpuMs / 1000 },
        ...{ goal: LARGE_GOAL_SECONDS, note },
      },
      { group, name: 'memory at most', unit: 'MB', value: memoryMb, goal: LARGE_GOAL_MB },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measurePsnr(): Promise<Figure[]> {
  const { jpeg: photo, maskPng: png, image, mask } = duckPhoto()
  const options = {
    formats: ['ply', 'compressed_ply'],
    quality: 'standard',
    seed: 1,
    textureSize: 1024,
    targetTriangles: 40_000,
  } as const
  const { objects, camera } = await createPreviewEngine().reconstruct(
    { photo, masks: [{ name: 'duck', png }], options },
    { progress: async () => {} },
  )
  const view = await openForeignView()
  const figures: Figure[] = []
  try {
    for (const { format, bytes } of objects[0].files) {
      const value = psnrInside(await view.draw(format, bytes, camera), image, mask)
      figures.push({
        ...{ group: 'splat over the photo', name: `${format} in PlayCanvas`, unit: 'dB', value },
        least: LEAST_PSNR_DB,
      })
    }
  } finally {
    await view.close()
  }
  return figures
}

export const measureObject: Bench = async () => [...measureLarge(), ...(await measurePsnr())]
