/** The spots that an object is made of, in the manifest's frame: a splat's centres, a mesh's corners. */
import {
  type Asset,
  type Entity,
  type GSplatComponent,
  type Mat4,
  type RenderComponent,
  Vec3,
} from 'playcanvas'

interface Part {
  readonly entity: Entity
  readonly asset: Asset
}

function append(points: number[], local: ArrayLike<number>, place: Mat4): void {
  const spot = new Vec3()
  for (let i = 0; i + 2 < local.length; i += 3) {
    place.transformPoint(spot.set(local[i], local[i + 1], local[i + 2]), spot)
    points.push(spot.x, spot.y, spot.z)
  }
}

/** x, y, z one after another, metres. */
export function pointsOf(parts: readonly Part[]): Float32Array {
  const points: number[] = []
  for (const { entity, asset } of parts) {
    for (const splat of entity.findComponents('gsplat') as GSplatComponent[]) {
      const { centers } = asset.resource as { centers?: Float32Array | null }
      if (centers) append(points, centers, splat.entity.getWorldTransform())
    }
    for (const render of entity.findComponents('render') as RenderComponent[]) {
      for (const { mesh, node } of render.meshInstances) {
        const corners: number[] = []
        mesh?.getPositions(corners)
        append(points, corners, node.getWorldTransform())
      }
    }
  }
  return Float32Array.from(points)
}
