/** The file formats that a reconstruction can deliver, each with what its readers expect. One home for these facts. */
import type { FileFrame, FileUnit } from './frames.ts'

export type FileKind = 'splat' | 'mesh' | 'image'

interface FormatFacts {
  readonly kind: FileKind
  readonly extension: string
  readonly contentType: string
  readonly frame: FileFrame
  readonly unit: FileUnit
}

export const FORMATS = {
  ply: {
    kind: 'splat',
    extension: 'ply',
    contentType: 'application/octet-stream',
    frame: 'y_down',
    unit: 'metre',
  },
  compressed_ply: {
    kind: 'splat',
    extension: 'compressed.ply',
    contentType: 'application/octet-stream',
    frame: 'y_down',
    unit: 'metre',
  },
  spz: {
    kind: 'splat',
    extension: 'spz',
    contentType: 'application/octet-stream',
    frame: 'y_up',
    unit: 'metre',
  },
  sog: {
    kind: 'splat',
    extension: 'sog',
    contentType: 'application/octet-stream',
    frame: 'y_down',
    unit: 'metre',
  },
  glb: {
    kind: 'mesh',
    extension: 'glb',
    contentType: 'model/gltf-binary',
    frame: 'y_up',
    unit: 'metre',
  },
  usdz: {
    kind: 'mesh',
    extension: 'usdz',
    contentType: 'model/vnd.usdz+zip',
    frame: 'y_up',
    unit: 'metre',
  },
  /** A ZIP with the OBJ, its MTL and its texture. */
  obj: {
    kind: 'mesh',
    extension: 'obj.zip',
    contentType: 'application/zip',
    frame: 'y_up',
    unit: 'metre',
  },
  stl: {
    kind: 'mesh',
    extension: 'stl',
    contentType: 'model/stl',
    frame: 'z_up',
    unit: 'millimetre',
  },
  /** The poster: a picture of the object. */
  png: {
    kind: 'image',
    extension: 'png',
    contentType: 'image/png',
    frame: 'image',
    unit: 'pixel',
  },
} as const satisfies Record<string, FormatFacts>

export type FileFormat = keyof typeof FORMATS
export const FILE_FORMATS = Object.keys(FORMATS) as [FileFormat, ...FileFormat[]]
export const FILE_KINDS = ['splat', 'mesh', 'image'] as const satisfies readonly FileKind[]

export const QUALITIES = ['draft', 'standard', 'high'] as const
export type Quality = (typeof QUALITIES)[number]
