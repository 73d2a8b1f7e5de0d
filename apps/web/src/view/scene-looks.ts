/** How loaded objects look: their colours, their light, the extent of their splats. */
import { Color, type Entity, type GSplatComponent, type RenderComponent, StandardMaterial } from 'playcanvas'

function materialsOf(entity: Entity): StandardMaterial[] {
  const parts = entity.findComponents('render') as RenderComponent[]
  return parts
    .flatMap((part) => part.meshInstances.map(({ material }) => material))
    .filter((material): material is StandardMaterial => material instanceof StandardMaterial)
}

/** An unlit material shows the photo's own colours; the engine would still add the even light to it. */
export function keepColours(entity: Entity): void {
  for (const material of materialsOf(entity)) {
    if (material.useLighting) continue
    material.diffuse = Color.BLACK
    material.update()
  }
}

/** Colours of the materials that glow by themselves, from before they were lit. */
const unlit = new WeakMap<StandardMaterial, Color>()

/** Lights materials that glow by themselves, or gives them their glow back. */
export function setLit(entity: Entity, on: boolean): void {
  for (const material of materialsOf(entity)) {
    if (!material.useLighting) unlit.set(material, material.emissive.clone())
    const glow = unlit.get(material)
    if (!glow || material.useLighting === on) continue
    material.useLighting = on
    material.diffuse = on ? glow : Color.BLACK
    material.diffuseMap = on ? material.emissiveMap : null
    material.diffuseMapUv = material.emissiveMapUv
    material.diffuseVertexColor = on && material.emissiveVertexColor
    material.emissive = on ? Color.BLACK : glow
    material.update()
  }
}

/** Draws every splat with a part of its extent, 0-1. */
export function scaleSplats(entity: Entity, scale: number): void {
  const glsl = `
void modifySplatCenter(inout vec3 center) {}
void modifySplatRotationScale(vec3 originalCenter, vec3 modifiedCenter, inout vec4 rotation, inout vec3 scale) {
  scale *= ${scale.toFixed(3)};
}
void modifySplatColor(vec3 center, inout vec4 color) {}
`
  for (const splat of entity.findComponents('gsplat') as GSplatComponent[])
    splat.setWorkBufferModifier(scale === 1 ? null : { glsl })
}
