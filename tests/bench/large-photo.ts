/** A process of its own, so that its memory is its own: a standard object from a photo and a mask. Prints JSON. */
import { readFileSync } from 'node:fs'
import { createPreviewEngine } from '@gen3d/preview/engine'
import { engineFacts } from '@gen3d/shared/engines'
import { fillOptions } from '@gen3d/shared/reconstruct-defaults'
import { timed } from './figure.ts'

const [photoFile, maskFile] = process.argv.slice(2)
const photo = new Uint8Array(readFileSync(photoFile))
const png = new Uint8Array(readFileSync(maskFile))
const { formats, quality, seed, texture_size, target_triangles } = fillOptions(
  undefined,
  engineFacts('preview').defaultFormats,
)
const options = { formats, quality, seed, textureSize: texture_size, targetTriangles: target_triangles }
const steps: Record<string, number> = {}
let [stage, since] = ['', performance.now()]
const { ms, cpuMs } = await timed(() =>
  createPreviewEngine().reconstruct(
    { photo, masks: [{ name: 'thing', png }], options },
    {
      async progress(next) {
        steps[stage] = Math.round((steps[stage] ?? 0) + performance.now() - since)
        ;[stage, since] = [next, performance.now()]
      },
    },
  ),
)
// maxRSS is in kibibytes on every system that Node runs on.
process.stdout.write(JSON.stringify({ ms, cpuMs, memoryMb: process.resourceUsage().maxRSS / 1000, steps }))
