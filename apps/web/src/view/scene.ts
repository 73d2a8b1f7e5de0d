/**
 * The 3D scene, drawn by the PlayCanvas engine with no more of it than splats and meshes need. Splat and mesh stand
 * in one frame, the manifest's. Draws on demand: a picture is made only when something has changed.
 */
import { FILE_FRAMES, FILE_UNITS, type FileFrame, type FileUnit } from '@gen3d/shared/frames'
import {
  Asset,
  Color,
  type ContainerResource,
  Entity,
  Mat4,
  Quat,
  RENDERSTYLE_SOLID,
  RENDERSTYLE_WIREFRAME,
  RESOLUTION_FIXED,
  type RenderComponent,
} from 'playcanvas'
import { eyeOf, type Orbit } from './orbit.ts'
import { FAR, NEAR, type PhotoCameraLike, placeOf, projectionOf } from './photo-camera.ts'
import { startEngine } from './scene-engine.ts'
import { drawLines } from './scene-lines.ts'
import { keepColours, scaleSplats, setLit } from './scene-looks.ts'
import { pointsOf } from './scene-points.ts'

export type ShownKind = 'splat' | 'mesh'

export interface SceneFile {
  readonly kind: ShownKind
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly frame: FileFrame
  readonly unit: FileUnit
}

export interface Scene {
  add(file: SceneFile): Promise<void>
  clear(): void
  show(kind: ShownKind): void
  has(kind: ShownKind): boolean
  /** Of what is shown: x, y, z one after another, the manifest's frame. */
  points(): Float32Array
  setOrbit(orbit: Orbit): void
  /** Looks through the photo's own camera; width and height are those of the canvas, CSS pixels. */
  setPhotoCamera(camera: PhotoCameraLike, width: number, height: number): void
  /** Radians, of the picture's shorter side. */
  setFov(fov: number): void
  setWireframe(on: boolean): void
  /** Light from the side, which shows the shape, in place of the photo's own. */
  setLight(on: boolean): void
  /** Of each splat's extent; small ones show where they stand. */
  setSplatScale(scale: number): void
  /** Lines in the manifest's frame, ends one after another; empty: none. */
  setLines(ends: readonly number[]): void
  /** Called before each picture with the seconds since the last one; null stops. */
  animate(step: ((seconds: number) => void) | null): void
  resize(width: number, height: number, ratio: number): void
  /** Draws now and gives the canvas, whose pixels hold until the caller returns. */
  drawNow(): HTMLCanvasElement
  /** PNG with a transparent background. */
  screenshot(): Promise<Blob>
  dispose(): void
}

const REST_AFTER_MS = 1500
const MESH_RATIO = 2
// Photos carry their light already: mostly even light, and a little from the side.
const PHOTO_LIGHT = { ambient: 0.85, lamp: 0.35 }
const SHAPE_LIGHT = { ambient: 0.3, lamp: 1.1 }
/** The engine's own measure. */
const MIN_SPLAT_PIXELS = 2
const DEGREES = 180 / Math.PI

/** Throws when the browser has no WebGL 2. */
export function createScene(canvas: HTMLCanvasElement): Scene {
  const { app, device, camera, light } = startEngine(canvas)

  const shown: { kind: ShownKind; entity: Entity; asset: Asset }[] = []
  let visible: ShownKind = 'splat'
  let room = { width: 2, height: 2, ratio: 1 }
  let wireframe = false
  let lines: Entity | null = null
  let lit = false
  let splatScale = 1
  let step: ((seconds: number) => void) | null = null
  let ended = false

  /** Device pixels for a mesh's smooth edges; of a splat as many as the screen has. */
  function paintSize(): void {
    const ratio = visible === 'mesh' ? Math.max(MESH_RATIO, room.ratio) : room.ratio
    device.maxPixelRatio = 1
    app.setCanvasResolution(RESOLUTION_FIXED, Math.round(room.width * ratio), Math.round(room.height * ratio))
  }

  const draw = () => {
    app.renderNextFrame = true
    wake()
  }
  app.systems.gsplat?.on('frame:request', draw)
  // A sort that ends while the loop rests has to be shown as well.
  app.scene.on('gsplat:sorted', draw)

  /** Nothing moves: after a while even the engine's own loop stops, so that an idle object costs nothing. */
  let active = performance.now()
  let resting = false
  app.on('frameend', () => {
    if (step || app.renderNextFrame || performance.now() - active < REST_AFTER_MS) return
    cancelAnimationFrame(app.frameRequestId)
    resting = true
  })
  function wake(): void {
    active = performance.now()
    if (!resting || ended) return
    resting = false
    app.requestAnimationFrame()
  }

  app.on('update', (seconds: number) => {
    if (!step) return
    step(seconds)
    draw()
  })
  app.start()

  function load(file: SceneFile): Promise<Asset> {
    const mesh = file.kind === 'mesh'
    const address = { url: file.name, filename: file.name }
    // The engine streams a splat from a Response and takes a mesh as one buffer; both come from memory.
    const contents = mesh ? file.bytes.slice().buffer : new Response(file.bytes)
    const asset = new Asset(file.name, mesh ? 'container' : 'gsplat', {
      ...address,
      contents,
    } as typeof address)
    return new Promise((resolve, reject) => {
      asset.once('load', () => resolve(asset))
      asset.once('error', (error: unknown) =>
        reject(error instanceof Error ? error : new Error(String(error))),
      )
      app.assets.add(asset)
      app.assets.load(asset)
    })
  }

  function paintStyle(): void {
    for (const { kind, entity } of shown) {
      if (kind !== 'mesh') continue
      for (const part of entity.findComponents('render') as RenderComponent[]) {
        part.renderStyle = wireframe ? RENDERSTYLE_WIREFRAME : RENDERSTYLE_SOLID
      }
    }
  }

  function paintLight(): void {
    const { ambient, lamp } = lit ? SHAPE_LIGHT : PHOTO_LIGHT
    app.scene.ambientLight = new Color(ambient, ambient, ambient)
    if (light.light) light.light.intensity = lamp
    for (const { kind, entity } of shown) if (kind === 'mesh') setLit(entity, lit)
  }

  function paintSplats(): void {
    // Otherwise the engine leaves out what covers less than that, which is all of a cloud of points.
    app.scene.gsplat.minPixelSize = splatScale < 1 ? 0 : MIN_SPLAT_PIXELS
    for (const { kind, entity } of shown) if (kind === 'splat') scaleSplats(entity, splatScale)
  }

  return {
    async add(file) {
      const asset = await load(file)
      if (ended) return
      const entity =
        file.kind === 'mesh'
          ? (asset.resource as ContainerResource).instantiateRenderEntity()
          : new Entity(file.name)
      if (file.kind === 'splat') entity.addComponent('gsplat', { asset })
      else keepColours(entity)
      const place = new Entity(file.name)
      place.setLocalRotation(new Quat().setFromMat4(new Mat4().set([...FILE_FRAMES[file.frame].toManifest])))
      const scale = FILE_UNITS[file.unit] ?? 1
      place.setLocalScale(scale, scale, scale)
      place.addChild(entity)
      place.enabled = file.kind === visible
      app.root.addChild(place)
      shown.push({ kind: file.kind, entity: place, asset })
      paintStyle()
      paintLight()
      paintSplats()
      draw()
    },
    clear() {
      for (const { entity, asset } of shown.splice(0)) {
        entity.destroy()
        app.assets.remove(asset)
        asset.unload()
      }
      draw()
    },
    show(kind) {
      visible = kind
      paintSize()
      for (const each of shown) each.entity.enabled = each.kind === kind
      draw()
    },
    has: (kind) => shown.some((each) => each.kind === kind),
    points: () => pointsOf(shown.filter((each) => each.kind === visible)),
    setOrbit(orbit) {
      const [x, y, z] = eyeOf(orbit)
      camera.setPosition(x, y, z)
      camera.lookAt(...orbit.target)
      const lens = camera.camera
      if (lens) {
        // The engine's types know no way back to its own projection; its code takes null.
        lens.calculateProjection = null as never
        lens.nearClip = orbit.distance / 100
        lens.farClip = orbit.distance * 50
      }
      draw()
    },
    setPhotoCamera(photo, width, height) {
      const place = new Mat4().set([...placeOf(photo.object_to_camera)])
      camera.setPosition(place.getTranslation())
      camera.setRotation(new Quat().setFromMat4(place))
      const lens = camera.camera
      if (lens) {
        const projection = projectionOf(photo, width, height)
        lens.nearClip = NEAR
        lens.farClip = FAR
        lens.calculateProjection = (matrix) => matrix.set([...projection])
      }
      draw()
    },
    setFov(fov) {
      const lens = camera.camera
      if (!lens) return
      lens.fov = fov * DEGREES
      lens.horizontalFov = device.width < device.height
      draw()
    },
    setWireframe(on) {
      wireframe = on
      paintStyle()
      draw()
    },
    setLight(on) {
      lit = on
      paintLight()
      draw()
    },
    setSplatScale(scale) {
      splatScale = scale
      paintSplats()
      draw()
    },
    setLines(ends) {
      lines?.destroy()
      lines = ends.length > 0 ? drawLines(device, ends) : null
      if (lines) app.root.addChild(lines)
      draw()
    },
    animate(next) {
      step = next
      draw()
    },
    resize(width, height, ratio) {
      room = { width, height, ratio }
      paintSize()
      const lens = camera.camera
      if (lens) lens.horizontalFov = width < height
      draw()
    },
    drawNow() {
      app.render()
      return canvas
    },
    screenshot() {
      app.render()
      return new Promise((resolve, reject) => {
        canvas.toBlob(
          (blob) => (blob ? resolve(blob) : reject(new Error('The browser made no picture.'))),
          'image/png',
        )
      })
    },
    dispose() {
      ended = true
      app.destroy()
    },
  }
}
