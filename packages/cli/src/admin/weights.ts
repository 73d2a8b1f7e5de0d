import { createHash } from 'node:crypto'
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Bucket, openBucket } from '@gen3d/aws/admin/bucket'
import { createBuilds } from '@gen3d/aws/admin/builds'
import { CliError } from '../errors.ts'
import { toSize } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { followBuild } from './build.ts'
import { outputsOf, type Place } from './deployed.ts'

/** One line a file, `HEX  sam3/NAME`, sorted: what lies under models/, as `sha256sum` writes and checks it. */
const SUMS_KEY = 'models/SHA256SUMS'
const FOLDERS = ['sam3', 'sam3d'] as const

/**
 * Puts `folder`/sam3 and `folder`/sam3d under models/ and records them. A file that lies there with the same checksum
 * is not sent again, nor a part of 64 MB of a file that was under way, so that a call that was interrupted goes on.
 */
export async function putWeights(place: Place, folder: string, terminal: Terminal): Promise<string> {
  for (const name of FOLDERS)
    if (!existsSync(join(folder, name)))
      throw new CliError(
        `"${folder}" has no folder ${name}. Put facebook/sam3 into sam3 and facebook/sam-3d-objects into sam3d.`,
      )
  const { BucketName } = await outputsOf(place, 'foundation')
  const bucket = openBucket(BucketName, place.account)
  const standing = await readSums(bucket)
  const names = FOLDERS.flatMap((name) => listFiles(join(folder, name), `${name}/`)).sort()
  const sums = new Map<string, string>()
  for (const [i, name] of names.entries()) {
    terminal.signal.throwIfAborted()
    const path = join(folder, name)
    const size = statSync(path).size
    const place = `${i + 1}/${names.length} ${name} (${toSize(size)})`
    const sum = await hashFile(path)
    const key = `models/${name}`
    if (standing.get(name) === sum && (await bucket.objects.head(key))?.sizeBytes === size) {
      terminal.note(`${place}: is there`)
    } else {
      await bucket.putFile(key, path, {
        signal: terminal.signal,
        onBytes: (there) => terminal.draw?.(`\r${place}: ${Math.floor((100 * there) / size)} %`),
      })
      terminal.note(`${place}: sent`)
    }
    sums.set(name, sum)
    // After every file: an interrupted call goes on from here.
    await bucket.objects.put(SUMS_KEY, writeSums(new Map([...standing, ...sums])), {
      contentType: 'text/plain',
    })
  }
  const text = writeSums(sums)
  await bucket.objects.put(SUMS_KEY, text, { contentType: 'text/plain' })
  const id = createHash('sha256').update(text).digest('hex')
  await createBuilds(place.account, place.stage).record('weights', id)
  return id
}

/** Has CodeBuild fetch the weights from their publisher with a token, so that 20 GB need not cross this machine. */
export async function fetchWeights(place: Place, token: string, terminal: Terminal): Promise<string> {
  const { WeightsBuildName } = await outputsOf(place, 'inference')
  const builds = createBuilds(place.account, place.stage)
  await builds.putToken(token)
  const id = await builds.start(WeightsBuildName)
  terminal.note(`Build ${id}`)
  await followBuild(builds, id, terminal)
  return builds.recorded('weights')
}

function listFiles(folder: string, prefix: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    // Hidden folders are the downloader's cache; it and empty files break the container's start.
    if (entry.name.startsWith('.')) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return listFiles(path, `${prefix}${entry.name}/`)
    return statSync(path).size > 0 ? [`${prefix}${entry.name}`] : []
  })
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

async function readSums(bucket: Bucket): Promise<Map<string, string>> {
  const bytes = await bucket.objects.get(SUMS_KEY)
  const lines = bytes ? new TextDecoder().decode(bytes).split('\n').filter(Boolean) : []
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]))
}

function writeSums(sums: ReadonlyMap<string, string>): string {
  const lines = [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, sum]) => `${sum}  ${name}\n`)
  return lines.join('')
}
