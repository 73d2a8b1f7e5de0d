import { basename, dirname, join } from 'node:path'
import { FILE_FORMATS, type FileFormat, FORMATS } from '@gen3d/shared/formats'
import { CliError, usageError } from './errors.ts'

/** A file that the person asked for. */
export interface Output {
  readonly path: string
  readonly format: FileFormat
}

/** One file to write. */
export interface Planned<File> {
  readonly path: string
  readonly object: string | null
  readonly file: File
}

interface Made<File> {
  readonly objects: readonly { readonly name: string; readonly files: readonly File[] }[]
  readonly scene: { readonly files: readonly File[] } | null
}

/** Stands in a path for the object's name: one file an object. */
const NAME_MARK = '{name}'

/** The format by the file's ending, the longest that fits (`compressed.ply` before `ply`); throws a usage error. */
export function toOutput(path: string): Output {
  const name = basename(path).toLowerCase()
  const fitting = FILE_FORMATS.filter((format) => name.endsWith(`.${FORMATS[format].extension}`))
  const format = fitting.sort((a, b) => FORMATS[b].extension.length - FORMATS[a].extension.length)[0]
  if (format) return { path, format }
  if (name.endsWith('.obj'))
    throw usageError(`An OBJ comes as a ZIP with its texture: name it "${path}.zip".`)
  const endings = FILE_FORMATS.map((known) => `.${FORMATS[known].extension}`).join(' ')
  throw usageError(`"${path}" has no ending that names a format. Use one of: ${endings}`)
}

/** The distinct formats of the outputs, in their order. */
export function formatsOf(outputs: readonly Output[]): FileFormat[] {
  return [...new Set(outputs.map(({ format }) => format))]
}

/**
 * Which file goes to which path. Several objects: a plain path takes the scene, where there is one in that format, or
 * else one file an object with its name before the ending; a path with `{name}` always takes one file an object.
 * Throws when the result has no file of a format.
 */
export function planOutputs<File extends { readonly format: FileFormat }>(
  outputs: readonly Output[],
  made: Made<File>,
): Planned<File>[] {
  const plan: Planned<File>[] = []
  for (const { path, format } of outputs) {
    const scene = made.scene?.files.find((file) => file.format === format)
    if (scene && made.objects.length > 1 && !path.includes(NAME_MARK)) {
      plan.push({ path, object: null, file: scene })
      continue
    }
    for (const [index, { name, files }] of made.objects.entries()) {
      const file = files.find((candidate) => candidate.format === format)
      if (!file) throw new CliError(`The result has no ${format} of "${name}"; ask for another format.`)
      const { extension } = FORMATS[format]
      const target = pathForObject(path, { extension, count: made.objects.length, name, index })
      plan.push({ path: target, object: name, file })
    }
  }
  const paths = plan.map(({ path }) => path)
  const twice = paths.find((path, i) => paths.indexOf(path) !== i)
  if (twice !== undefined) throw usageError(`Two files would be written to "${twice}"; choose other names.`)
  return plan
}

/** Every file of a result, each named after its object and format: for a download of everything. */
export function planEverything<File extends { readonly format: FileFormat }>(
  folder: string,
  made: Made<File>,
): Planned<File>[] {
  const objects = made.objects.flatMap(({ name, files }, index) =>
    files.map((file) => ({
      path: join(folder, `${fileNameOf(name, index)}.${FORMATS[file.format].extension}`),
      object: name,
      file,
    })),
  )
  const scene = (made.scene?.files ?? []).map((file) => ({
    path: join(folder, `scene.${FORMATS[file.format].extension}`),
    object: null,
    file,
  }))
  return [...objects, ...scene]
}

/** The path of one object's file: `{name}` filled in, or, of several objects, the name before the ending. */
export function pathForObject(
  path: string,
  object: {
    readonly extension: string
    readonly count: number
    readonly name: string
    readonly index: number
  },
): string {
  const safe = fileNameOf(object.name, object.index)
  if (path.includes(NAME_MARK)) return path.replaceAll(NAME_MARK, safe)
  if (object.count === 1) return path
  const ending = object.extension.length + 1
  const file = basename(path)
  return join(dirname(path), `${file.slice(0, -ending)}-${safe}${file.slice(-ending)}`)
}

/** The path of --save-mask, or null when it is not given; throws a usage error unless it is a PNG. */
export function toMaskPath(path: string | undefined): string | null {
  if (path === undefined) return null
  if (!path.toLowerCase().endsWith('.png')) throw usageError(`A mask is a PNG: name it "${path}.png".`)
  return path
}

/** A name that every file system takes; names that leave nothing are numbered. */
function fileNameOf(name: string, index: number): string {
  const safe = name
    .normalize('NFC')
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^[-.]+|[-.]+$/g, '')
  return safe === '' ? `object-${index + 1}` : safe
}
