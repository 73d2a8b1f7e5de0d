import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { createPreviewEngine } from '@gen3d/preview/engine'
import { serveEngine } from './serve-engine.ts'

/** Pixels a side of the picture that proves that codec and engine are loaded. */
const PROOF_SIDE = 16
const PROOF_QUALITY = 80

void serveEngine(async () => {
  const engine = createPreviewEngine()
  const data = new Uint8ClampedArray(4 * PROOF_SIDE * PROOF_SIDE).map((_, i) => (i % 4 === 3 ? 255 : i))
  const photo = encodeJpeg({ width: PROOF_SIDE, height: PROOF_SIDE, data }, PROOF_QUALITY)
  await engine.embed(photo, { progress: async () => {} })
  return engine
})
