import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Bucket, openBucket } from '@gen3d/aws/admin/bucket'
import { createBuilds } from '@gen3d/aws/admin/builds'
import { CliError } from '../errors.ts'
import { toSize } from '../report.ts'
import type { Terminal } from '../terminal.ts'
import { followBuild } from './build.ts'
import { outputsOf, type Place } from './deployed.ts'
import { checkHub } from './hub.ts'
import { CONTAINER, zipFolder } from './image.ts'
import { LOCK, readLock } from './prepare-weights.ts'
import { readWeightsManifest } from './weights-manifest.ts'

/** Everything below it comes with the container's start. */
const MODELS = 'models/'
const LOCK_KEY = `${MODELS}${LOCK}`
/** Name and SHA-256 of what an unfinished call has sent. */
const PROGRESS_KEY = 'builds/weights-progress.json'
/** The decoders that the container exports; they are nobody's weights. */
const NOT_WEIGHTS = `${MODELS}decoders/`

type Hashes = Readonly<Record<string, string>>

/**
 * Puts converted weights (`folder` with its lock file) under models/ and records them; returns their id. A file that lies
 * there with the same checksum is not sent again, nor a part of 64 MB of a file that was under way, so that a call that was
 * interrupted goes on. What is no part of them any more is deleted: the container would fetch it for nothing.
 */
export async function putWeights(place: Place, folder: string, terminal: Terminal): Promise<string> {
  const lock = readLock(folder)
  const { BucketName } = await outputsOf(place, 'foundation')
  const bucket = openBucket(BucketName, place.account)
  const standing = await readStanding(bucket)
  const sent: Record<string, string> = {}
  const names = Object.keys(lock.files).sort()
  for (const [i, name] of names.entries()) {
    terminal.signal.throwIfAborted()
    const path = join(folder, name)
    const { bytes, sha256 } = lock.files[name]
    const label = `${i + 1}/${names.length} ${name} (${toSize(bytes)})`
    await checkFile(name, path, bytes, sha256)
    const key = `${MODELS}${name}`
    if (standing[name] === sha256 && (await bucket.objects.head(key))?.sizeBytes === bytes) {
      terminal.note(`${label}: is there`)
    } else {
      await bucket.putFile(key, path, {
        signal: terminal.signal,
        onBytes: (there) => terminal.draw?.(`\r${label}: ${Math.floor((100 * there) / bytes)} %`),
      })
      terminal.note(`${label}: sent`)
    }
    sent[name] = sha256
    // After every file: an interrupted call goes on from here.
    await putJson(bucket, PROGRESS_KEY, JSON.stringify({ ...standing, ...sent }))
  }
  const text = readFileSync(join(folder, LOCK))
  await putJson(bucket, LOCK_KEY, text)
  await deleteOthers(bucket, new Set([LOCK_KEY, ...names.map((name) => `${MODELS}${name}`)]))
  const id = createHash('sha256').update(text).digest('hex')
  await createBuilds(place.account, place.stage).record('weights', id)
  return id
}

/** Has CodeBuild fetch the weights from their publisher with a token, so that 17 GB need not cross this machine. */
export async function fetchWeights(
  place: Place,
  token: string,
  terminal: Terminal,
  container = CONTAINER,
  pollSeconds?: number,
): Promise<string> {
  const endpoint = terminal.env.HF_ENDPOINT || undefined
  await checkHub(readWeightsManifest(container), { token, endpoint, signal: terminal.signal })
  terminal.note('The publisher gives this token every file, and they are those that are expected.')
  const { WeightsBuildName } = await outputsOf(place, 'inference')
  const { BucketName } = await outputsOf(place, 'foundation')
  const builds = createBuilds(place.account, place.stage)
  await builds.putSource(BucketName, 'weights', zipFolder(container))
  await builds.putToken(token)
  const id = await builds.start(WeightsBuildName)
  terminal.note(`Build ${id}`)
  await followBuild(builds, id, terminal, pollSeconds)
  return builds.recorded('weights')
}

async function checkFile(name: string, path: string, bytes: number, sha256: string): Promise<void> {
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) throw new CliError(`${name} is missing, although ${LOCK} names it. Convert again.`)
  if (size !== bytes || (await hashFile(path)) !== sha256)
    throw new CliError(`${name} is not what ${LOCK} names (${size} of ${bytes} bytes). Convert again.`)
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

/** What lies in the bucket, as far as a finished or an interrupted call has noted it. */
async function readStanding(bucket: Bucket): Promise<Hashes> {
  const progress = await bucket.objects.get(PROGRESS_KEY)
  if (progress) return JSON.parse(new TextDecoder().decode(progress))
  const lock = await bucket.objects.get(LOCK_KEY)
  if (!lock) return {}
  const { files } = JSON.parse(new TextDecoder().decode(lock)) as ReturnType<typeof readLock>
  return Object.fromEntries(Object.entries(files).map(([name, { sha256 }]) => [name, sha256]))
}

async function deleteOthers(bucket: Bucket, ours: ReadonlySet<string>): Promise<void> {
  const others = [PROGRESS_KEY]
  for await (const { key } of bucket.objects.list(MODELS))
    if (!ours.has(key) && !key.startsWith(NOT_WEIGHTS)) others.push(key)
  for (let i = 0; i < others.length; i += 1000) await bucket.objects.delete(others.slice(i, i + 1000))
}

async function putJson(bucket: Bucket, key: string, body: string | Uint8Array): Promise<void> {
  await bucket.objects.put(key, body, { contentType: 'application/json' })
}
