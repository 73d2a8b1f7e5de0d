/** For tests: the container's source with a weights.json of three small published files, and those files themselves. */
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CONTAINER } from './image.ts'
import type { HubFile } from './test-hub.ts'
import { readWeightsManifest, type WeightsManifest } from './weights-manifest.ts'

/** A safetensors file of 32-bit floats. */
function writeTensors(tensors: Readonly<Record<string, readonly number[]>>): Uint8Array {
  const header: Record<string, unknown> = {}
  let offset = 0
  for (const [name, values] of Object.entries(tensors)) {
    header[name] = {
      dtype: 'F32',
      shape: [values.length],
      data_offsets: [offset, offset + 4 * values.length],
    }
    offset += 4 * values.length
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(text.length))
  const values = Object.values(tensors).flat()
  const data = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) data.writeFloatLE(value, 4 * i)
  return Buffer.concat([length, text, data])
}

const CONTENTS: Readonly<Record<string, Uint8Array>> = {
  'facebook/sam3 config.json': Buffer.from('{"model_type": "sam3_video"}'),
  'facebook/sam3 model.safetensors': writeTensors({
    'detector_model.vision_encoder.weight': [1, 2.5, -3],
    'tracker_neck.weight': [4, 5],
    'tracker_model.mask_decoder.weight': [6],
    'tracker_model.memory_encoder.weight': [7],
  }),
  'Ruicheng/moge-vitl model.pt': Buffer.from('a depth model'),
}

/** Lays the source out in `folder`/container and the published files in `folder`/published. */
export function makeSmallWeights(folder: string) {
  const container = join(folder, 'container')
  cpSync(join(CONTAINER, 'gen3d_engine'), join(container, 'gen3d_engine'), { recursive: true })
  const whole = readWeightsManifest()
  const files: (HubFile & { readonly path: string; readonly sha256: string })[] = []
  const manifest: WeightsManifest = {
    sources: whole.sources
      .filter(({ repository }) => repository !== 'facebook/sam-3d-objects')
      .map((source) => ({
        ...source,
        files: source.files
          .filter(({ name }) => `${source.repository} ${name}` in CONTENTS)
          .map(({ name, sha256: known }) => {
            const content = CONTENTS[`${source.repository} ${name}`]
            const sha256 = createHash('sha256').update(content).digest('hex')
            const { repository, revision } = source
            files.push({
              ...{ repository, revision, name, content, sha256 },
              path: `${source.folder}/${name}`,
              large: known !== null,
            })
            return { name, bytes: content.length, sha256: known && sha256 }
          }),
      })),
    models: {
      sam3: ['config.json', 'model.safetensors.index.json', 'vision.safetensors', 'tracker.safetensors'],
      sam3d: ['moge/model.pt'],
    },
  }
  writeFileSync(join(container, 'gen3d_engine', 'weights.json'), JSON.stringify(manifest))
  const published = join(folder, 'published')
  for (const { path, content } of files) {
    mkdirSync(dirname(join(published, path)), { recursive: true })
    writeFileSync(join(published, path), content)
  }
  return { container, published, manifest, files }
}
