/**
 * Coordinate frames of the files that Gen3D delivers, and the photo's camera.
 *
 * The manifest's frame is Y up, right-handed, in metres. Each file stands in the frame that its format's readers
 * expect; the matrices here carry a file's coordinates (after its unit is turned into metres) to the manifest's frame.
 */

/** 16 numbers, column-major: element (row r, column c) is at index 4 * c + r, as in glTF. */
export type Matrix4 = readonly number[]

export const FILE_FRAMES = {
  /** The manifest's own frame: glTF, USD, OBJ. */
  y_up: { toManifest: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] },
  /** Turned by 180 degrees about Z: 3DGS PLY files, as SuperSplat and splat-transform read them. */
  y_down: { toManifest: [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] },
  /** Z up, as printers' slicers expect STL: file (x, y, z) is manifest (x, z, -y). */
  z_up: { toManifest: [1, 0, 0, 0, 0, 0, -1, 0, 0, 1, 0, 0, 0, 0, 0, 1] },
  /** A picture: no place in space. */
  image: { toManifest: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1] },
} as const satisfies Record<string, { toManifest: Matrix4 }>

export type FileFrame = keyof typeof FILE_FRAMES
export const FILE_FRAME_NAMES = ['y_up', 'y_down', 'z_up', 'image'] as const satisfies readonly FileFrame[]

/** Metres per unit; pixels have no length. */
export const FILE_UNITS = { metre: 1, millimetre: 0.001, pixel: null } as const
export type FileUnit = keyof typeof FILE_UNITS
export const FILE_UNIT_NAMES = ['metre', 'millimetre', 'pixel'] as const satisfies readonly FileUnit[]

/**
 * The photo's camera. Pixels are those of the EXIF-turned photo; cx and cy count from its top left corner.
 * objectToCamera is rigid, from the manifest's frame (metres) to the camera's (x right, y up, looking along -z):
 * u = cx + fx * x / -z, v = cy - fy * y / -z.
 */
export interface Camera {
  readonly width: number
  readonly height: number
  readonly fx: number
  readonly fy: number
  readonly cx: number
  readonly cy: number
  readonly objectToCamera: Matrix4
}
