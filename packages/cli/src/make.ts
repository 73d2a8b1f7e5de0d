import { createHash } from 'node:crypto'
import { createPreviewEngine, PREVIEW_FORMATS } from '@gen3d/preview/engine'
import type { EngineContext, EngineFile } from '@gen3d/shared/engine'
import { defaultObjectName, fillOptions } from '@gen3d/shared/reconstruct-defaults'
import { onePositional } from './arguments.ts'
import type { Command } from './command.ts'
import { EXIT, usageError } from './errors.ts'
import { readInput, writeOutput } from './files.ts'
import { formatsOf, type Planned, pathForObject, planOutputs, toMaskPath, toOutput } from './outputs.ts'
import { createProgressBar } from './progress-bar.ts'
import { SELECTION_OPTIONS, toSelections } from './prompts.ts'
import { RECONSTRUCT_OPTIONS, toReconstructOptions } from './reconstruct-options.ts'
import { toSize } from './report.ts'
import { type SelectedObject, selectObjects } from './select.ts'
import type { Terminal } from './terminal.ts'

/** Part of the whole that selecting takes. */
const SELECT_PART = 0.3

export const OUTPUT_OPTION = {
  value: 'FILE',
  short: 'o',
  multiple: true,
  help: 'Where to write; the ending names the format. Several objects: {name} in it stands for each one’s name.',
} as const

export const SAVE_MASK_OPTION = { value: 'FILE.png', help: 'Writes the selection, too.' } as const

export const make: Command = {
  summary: 'Make a 3D object of a photo, here, without a server.',
  usage: 'gen3d make PHOTO (--click X,Y … | --box X0,Y0,X1,Y1 | --mask FILE.png) -o FILE …',
  options: {
    ...SELECTION_OPTIONS,
    output: OUTPUT_OPTION,
    ...RECONSTRUCT_OPTIONS,
    'save-mask': SAVE_MASK_OPTION,
  },
  examples: [
    'gen3d make photo.jpg --click 400,300 --click -120,80 -o chair.glb -o chair.ply',
    'gen3d make photo.jpg --box 100,80,500,420 --quality high -o chair.glb --save-mask chair.png',
    'gen3d make photo.jpg --object cup --click 90,200 --object pot --click 410,180 -o "{name}.stl"',
  ],
  async run(args, terminal) {
    const path = onePositional(args, 'PHOTO')
    const selections = toSelections(args.given)
    const outputs = args.getAll('output').map(toOutput)
    if (outputs.length === 0) throw usageError('Say where to write the result: -o chair.glb.')
    const maskPath = toMaskPath(args.get('save-mask'))
    const options = fillOptions(
      { ...toReconstructOptions(args), formats: formatsOf(outputs) },
      PREVIEW_FORMATS,
    )
    checkFormats(options.formats)
    const photo = await readInput(terminal.folder, path)
    const bar = createProgressBar(terminal.draw)
    const started = performance.now()
    try {
      const engine = createPreviewEngine()
      const selected = await selectObjects(selections, {
        photo,
        embedding: async () =>
          (await engine.embed(photo, toContext(terminal, bar.show, 0, SELECT_PART))).embedding,
        folder: terminal.folder,
      })
      await saveMasks(maskPath, selected, terminal)
      const result = await engine.reconstruct(
        {
          photo,
          masks: selected.map(({ name, png }, index) => ({ name: name ?? defaultObjectName(index), png })),
          options: {
            formats: options.formats,
            quality: options.quality,
            seed: options.seed,
            textureSize: options.texture_size,
            targetTriangles: options.target_triangles,
          },
        },
        toContext(terminal, bar.show, SELECT_PART, 1),
      )
      const plan = planOutputs(outputs, result)
      for (const { path: target, file } of plan) {
        await writeOutput(terminal.folder, target, file.bytes, { signal: terminal.signal })
      }
      bar.end()
      report(args.has('json'), plan, terminal, {
        engine: { name: engine.name, version: engine.version },
        seconds: Math.round(performance.now() - started) / 1000,
        warnings: result.warnings,
      })
    } finally {
      bar.end()
    }
    return EXIT.ok
  },
}

/** Writes the masks beside each other where a path was given; several objects: one file each. */
export async function saveMasks(
  path: string | null,
  selected: readonly SelectedObject[],
  terminal: Terminal,
): Promise<void> {
  if (path === null) return
  for (const [index, { name, png }] of selected.entries()) {
    const target = pathForObject(path, {
      extension: 'png',
      count: selected.length,
      name: name ?? defaultObjectName(index),
      index,
    })
    await writeOutput(terminal.folder, target, png, { signal: terminal.signal })
  }
}

function checkFormats(formats: readonly string[]): void {
  const missing = formats.find((format) => !(PREVIEW_FORMATS as readonly string[]).includes(format))
  if (missing === undefined) return
  throw usageError(`The engine in gen3d does not make ${missing}. It makes ${PREVIEW_FORMATS.join(', ')}.`)
}

function toContext(
  terminal: Terminal,
  show: (label: string, fraction: number) => void,
  from: number,
  to: number,
): EngineContext {
  return {
    async progress(stage, fraction) {
      terminal.signal.throwIfAborted()
      show(stage, from + (to - from) * fraction)
    },
  }
}

function report(
  json: boolean,
  plan: readonly Planned<EngineFile>[],
  terminal: Terminal,
  facts: { readonly warnings: readonly string[]; readonly seconds: number; readonly engine: object },
): void {
  const files = plan.map(({ path, object, file }) => ({
    path,
    object,
    format: file.format,
    size_bytes: file.bytes.length,
    sha256: createHash('sha256').update(file.bytes).digest('hex'),
  }))
  if (json) {
    terminal.out(JSON.stringify({ files, ...facts }))
    return
  }
  for (const { path, size_bytes } of files) terminal.out(`${path}  ${toSize(size_bytes)}`)
  for (const warning of facts.warnings) terminal.note(`Note: ${warning}`)
}
