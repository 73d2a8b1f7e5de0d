/** What a mesh covers in a picture, through the photo's camera or plainly from the front, and how well that fits a mask. */
import type { Mask } from '@gen3d/image/types'
import type { Camera } from '@gen3d/shared/frames'
import type { TriangleSoup } from './shape-metric.ts'

export interface Coverage {
  readonly width: number
  readonly height: number
  /** One byte a pixel, 0 or 1. */
  readonly data: Uint8Array
}

export function coverageOf({ width, height, data }: Mask): Coverage {
  return { width, height, data: Uint8Array.from(data, (value) => (value === 0 ? 0 : 1)) }
}

export function iou(a: Coverage, b: Coverage): number {
  let both = 0
  let either = 0
  for (let i = 0; i < a.data.length; i++) {
    if (a.data[i] & b.data[i]) both++
    if (a.data[i] | b.data[i]) either++
  }
  return either > 0 ? both / either : 0
}

/** Fills triangles given by pixel positions x, y per vertex; a pixel counts where its centre is inside. */
function fill(points: Float64Array, indices: ArrayLike<number>, width: number, height: number): Coverage {
  const data = new Uint8Array(width * height)
  for (let t = 0; t < indices.length; t += 3) {
    const [ax, ay, bx, by, cx, cy] = [0, 1, 2].flatMap((k) => [
      points[2 * indices[t + k]],
      points[2 * indices[t + k] + 1],
    ])
    const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
    if (area === 0) continue
    const x0 = Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5))
    const x1 = Math.min(width - 1, Math.floor(Math.max(ax, bx, cx) - 0.5))
    const y0 = Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5))
    const y1 = Math.min(height - 1, Math.floor(Math.max(ay, by, cy) - 0.5))
    for (let y = y0; y <= y1; y++) {
      for (let x = x0; x <= x1; x++) {
        const [px, py] = [x + 0.5, y + 0.5]
        const u = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
        const v = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
        if (u >= 0 && v >= 0 && u + v <= 1) data[y * width + x] = 1
      }
    }
  }
  return { width, height, data }
}

/** Through the perspective camera of the manifest. */
export function projectThrough({ positions: p, indices }: TriangleSoup, camera: Camera): Coverage {
  const m = camera.objectToCamera
  const points = new Float64Array((p.length / 3) * 2)
  for (let i = 0; i < p.length / 3; i++) {
    const [x, y, z] = [0, 1, 2].map(
      (r) => m[r] * p[3 * i] + m[4 + r] * p[3 * i + 1] + m[8 + r] * p[3 * i + 2] + m[12 + r],
    )
    points[2 * i] = camera.cx + (camera.fx * x) / -z
    points[2 * i + 1] = camera.cy - (camera.fy * y) / -z
  }
  return fill(points, indices, camera.width, camera.height)
}

/** Along -z without perspective, the mesh's box fitted to the mask's. */
export function projectFront({ positions: p, indices }: TriangleSoup, mask: Coverage): Coverage {
  const box = [mask.width, mask.height, -1, -1]
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] === 0) continue
    const [x, y] = [i % mask.width, Math.floor(i / mask.width)]
    box[0] = Math.min(box[0], x)
    box[1] = Math.min(box[1], y)
    box[2] = Math.max(box[2], x + 1)
    box[3] = Math.max(box[3], y + 1)
  }
  const own = [Infinity, Infinity, -Infinity, -Infinity]
  for (let i = 0; i < p.length; i += 3) {
    for (let d = 0; d < 2; d++) {
      own[d] = Math.min(own[d], p[i + d])
      own[d + 2] = Math.max(own[d + 2], p[i + d])
    }
  }
  const scale = Math.sqrt(((box[2] - box[0]) / (own[2] - own[0])) * ((box[3] - box[1]) / (own[3] - own[1])))
  const points = new Float64Array((p.length / 3) * 2)
  for (let i = 0; i < p.length / 3; i++) {
    points[2 * i] = (box[0] + box[2]) / 2 + (p[3 * i] - (own[0] + own[2]) / 2) * scale
    points[2 * i + 1] = (box[1] + box[3]) / 2 - (p[3 * i + 1] - (own[1] + own[3]) / 2) * scale
  }
  return fill(points, indices, mask.width, mask.height)
}
