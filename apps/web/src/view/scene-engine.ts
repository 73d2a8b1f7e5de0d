/** The PlayCanvas engine with no more of it than splats and meshes need. */
import {
  AppBase,
  AppOptions,
  CameraComponentSystem,
  Color,
  ContainerHandler,
  Entity,
  GSplatComponentSystem,
  GSplatHandler,
  LightComponentSystem,
  RenderComponentSystem,
  TextureHandler,
  TONEMAP_NONE,
  WebglGraphicsDevice,
} from 'playcanvas'
import { FAR, NEAR } from './photo-camera.ts'

/** An empty scene with a camera and the lamp that it carries. Throws when the browser has no WebGL 2. */
export function startEngine(canvas: HTMLCanvasElement) {
  // Splats blend their own edges, and multisampling makes them several times as expensive; meshes get more pixels instead.
  const device = new WebglGraphicsDevice(canvas, {
    alpha: true,
    antialias: false,
    powerPreference: 'high-performance',
  })
  const options = new AppOptions()
  options.graphicsDevice = device
  options.componentSystems = [
    CameraComponentSystem,
    LightComponentSystem,
    RenderComponentSystem,
    GSplatComponentSystem,
  ]
  options.resourceHandlers = [ContainerHandler, GSplatHandler, TextureHandler]
  const app = new AppBase(canvas)
  app.init(options)
  app.autoRender = false

  const camera = new Entity('camera')
  camera.addComponent('camera', {
    clearColor: new Color(0, 0, 0, 0),
    toneMapping: TONEMAP_NONE,
    nearClip: NEAR,
    farClip: FAR,
  })
  app.root.addChild(camera)
  const light = new Entity('light')
  light.addComponent('light', { type: 'directional' })
  camera.addChild(light)
  light.setLocalEulerAngles(50, 25, 0)
  return { app, device, camera, light }
}
