import {
  Color,
  Entity,
  type GraphicsDevice,
  Mesh,
  MeshInstance,
  PRIMITIVE_LINES,
  StandardMaterial,
} from 'playcanvas'

/** Between the themes' papers, so that it is seen on both. */
const COLOUR = new Color(0.5, 0.53, 0.5)

/** Thin lines of one quiet colour that no light touches; three numbers an end, two ends a line. */
export function drawLines(device: GraphicsDevice, ends: readonly number[]): Entity {
  const mesh = new Mesh(device)
  mesh.setPositions([...ends])
  mesh.update(PRIMITIVE_LINES)
  const material = new StandardMaterial()
  material.diffuse = Color.BLACK
  material.emissive = COLOUR
  material.useLighting = false
  material.useFog = false
  material.update()
  const entity = new Entity('grid')
  entity.addComponent('render', { meshInstances: [new MeshInstance(mesh, material)] })
  return entity
}
