/** In the browser: a file drawn by the page's viewer, the PlayCanvas engine, through the photo's camera. */
import type { FileFormat } from '@gen3d/shared/formats'
import { FORMATS } from '@gen3d/shared/formats'
import type { PhotoCameraLike } from '../../apps/web/src/view/photo-camera.ts'
import { createScene } from '../../apps/web/src/view/scene.ts'

/** Splats are sorted beside the drawing: a picture counts when so many in a row are the same. */
const SAME = 4
const PAUSE_MS = 150
const TRIES = 200

export interface ViewRequest {
  readonly url: string
  readonly format: FileFormat
  readonly camera: PhotoCameraLike
}

/** The picture as a data URL (PNG) of the photo's size, clear where nothing is. */
async function draw({ url, format, camera }: ViewRequest): Promise<string> {
  const canvas = document.createElement('canvas')
  const { width, height } = camera
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  document.body.append(canvas)
  const scene = createScene(canvas)
  try {
    const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer())
    const { kind, frame, unit } = FORMATS[format]
    if (kind === 'image') throw new Error(`${format} is not drawn`)
    scene.resize(width, height, 1)
    await scene.add({ kind, name: kind === 'splat' ? 'object.ply' : `object.${format}`, bytes, frame, unit })
    scene.show(kind)
    scene.setPhotoCamera(camera, width, height)
    let last = ''
    for (let same = 0, tries = 0; same < SAME; tries++) {
      if (tries === TRIES) throw new Error('the viewer did not come to rest')
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      const next = scene.drawNow().toDataURL('image/png')
      same = next === last ? same + 1 : 0
      last = next
    }
    return last
  } finally {
    scene.dispose()
    canvas.remove()
  }
}

declare global {
  var drawThroughPhotoCamera: ((request: ViewRequest) => Promise<string>) | undefined
}
globalThis.drawThroughPhotoCamera = draw
