// Writes what is generated from the contract: OpenAPI and the engines' JSON Schemas. `--check` writes nothing and fails
// when a committed file differs from what would be written.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  EmbedManifest,
  Failure,
  InferenceRequest,
  Manifest,
  Progress,
  ReconstructManifest,
} from '@gen3d/shared/inference'
import { toOpenApi } from '@gen3d/shared/openapi'
import { SessionRecord } from '@gen3d/shared/session-record'
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
  SessionRecord,
}

const json = (value: object) => `${JSON.stringify(value, null, 2)}\n`
const files = new Map<string, string>([
  [`${folder}/openapi.json`, json(toOpenApi())],
  ['THIRD_PARTY_NOTICES.md', toNotices()],
])
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
