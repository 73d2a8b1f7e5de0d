// Writes what is generated from the contract: OpenAPI and the engines' JSON Schemas. `--check` writes nothing and fails
// when a committed file differs from what would be written.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { EMBEDDING_CONTENT_TYPE, EMBEDDING_FILE, EMBEDDING_METADATA } from '@gen3d/shared/embedding'
import { ENGINES } from '@gen3d/shared/engines'
import { JOB_ERRORS } from '@gen3d/shared/errors'
import { FORMATS } from '@gen3d/shared/formats'
import { FILE_FRAMES } from '@gen3d/shared/frames'
import {
  EmbedManifest,
  Failure,
  InferenceRequest,
  Manifest,
  Progress,
  ReconstructManifest,
  SelectManifest,
} from '@gen3d/shared/inference'
import { JOB_FILES, PREFIXES } from '@gen3d/shared/keys'
import { MAX_CANDIDATES, MAX_PIXELS, MAX_SIDE } from '@gen3d/shared/limits'
import { ENV } from '@gen3d/shared/names'
import { toOpenApi } from '@gen3d/shared/openapi'
import { SessionRecord } from '@gen3d/shared/session-record'
import loadWabt from 'wabt'
import { toNotices } from './notices.ts'
import { ROOT } from './steps.ts'

const folder = 'packages/shared/generated'

const schemas = {
  EmbedManifest,
  Failure,
  InferenceRequest,
  Manifest,
  Progress,
  ReconstructManifest,
  SelectManifest,
  SessionRecord,
}

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`
const files = new Map<string, string>([
  [`${folder}/openapi.json`, json(toOpenApi())],
  ['THIRD_PARTY_NOTICES.md', toNotices()],
])
// All that the Python container takes from the contract, in one file, because its folder alone is the image's source.
files.set(
  'services/inference/container/gen3d_engine/generated/contract.json',
  json({
    schemas,
    job_errors: JOB_ERRORS,
    job_files: JOB_FILES,
    decoders_prefix: PREFIXES.decoders,
    formats: FORMATS,
    frames: FILE_FRAMES,
    engine_formats: ENGINES.sam3d.formats,
    embedding: {
      file: EMBEDDING_FILE,
      content_type: EMBEDDING_CONTENT_TYPE,
      metadata: EMBEDDING_METADATA,
    },
    max_candidates: MAX_CANDIDATES,
    max_pixels: MAX_PIXELS,
    max_side: MAX_SIDE,
    env: {
      host: ENV.engineHost,
      port: ENV.enginePort,
      timeout_seconds: ENV.engineTimeoutSeconds,
    },
  }),
)
for (const [name, schema] of Object.entries(schemas)) {
  const file = name.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase()
  files.set(
    `${folder}/${file}.schema.json`,
    json({
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: name,
      ...schema,
    }),
  )
}

for (const name of ['forest-lanes', 'colour-lanes'])
  files.set(`packages/preview/src/select/generated/${name}.ts`, await toModule(name))

/** A program of the preview engine's, its source beside the code that calls it, as a constant in base64. */
async function toModule(name: string): Promise<string> {
  const file = `packages/preview/src/select/${name}.wat`
  const source = readFileSync(join(ROOT, file), 'utf8')
  const wabt = await loadWabt()
  const { buffer } = wabt.parseWat(file, source, { simd: true }).toBinary({})
  const constant = name.replaceAll('-', '_').toUpperCase()
  return [
    `/** ${name}.wat, compiled; by \`pnpm fix\`. */`,
    `export const ${constant} =`,
    `  '${Buffer.from(buffer).toString('base64')}'`,
    '',
  ].join('\n')
}

const drifted: string[] = []
for (const [path, text] of files) {
  if (process.argv.includes('--check')) {
    let present = ''
    try {
      present = readFileSync(join(ROOT, path), 'utf8')
    } catch {
      // A missing file has drifted, too.
    }
    if (present !== text) drifted.push(path)
    continue
  }
  mkdirSync(dirname(join(ROOT, path)), { recursive: true })
  writeFileSync(join(ROOT, path), text)
}
if (drifted.length > 0) {
  console.error(`Generated files differ from the contract: ${drifted.join(', ')}. Run: pnpm fix`)
  process.exit(1)
}
