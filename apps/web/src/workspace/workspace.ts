/** One session on the screen: its photo, its selection, its jobs. Opened by the session's route, disposed with it. */
import { NetworkError } from '@gen3d/client/errors'
import type { EmbedResponse, JobStatus, ReconstructRequest, Session, WaitEstimate } from '@gen3d/shared/api'
import type { FileFormat, Quality } from '@gen3d/shared/formats'
import { isOpen, type JobKind } from '@gen3d/shared/job-states'
import { MAX_BODY_BYTES } from '@gen3d/shared/limits'
import { effect, signal } from '@preact/signals'
import { startDecoder } from '../select/decoder.ts'
import type { RoughObjects } from '../select/decoder-protocol.ts'
import { isEmpty } from '../select/document.ts'
import { createSelection } from '../select/selection.ts'
import { createStageModel, type StageModel } from '../select/stage-model.ts'
import type { Store } from '../store.ts'
import { strings } from '../strings.ts'
import type { Upload } from '../upload/uploads.ts'
import { type FollowedJob, followJob } from '../wait/job.ts'
import { giveNotice } from '../wait/notice.ts'
import { randomKey, toBase64 } from './base64.ts'

export interface MakeOptions {
  readonly quality: Quality
  readonly formats: readonly FileFormat[]
}

export type Workspace = ReturnType<typeof openWorkspace>

/** The decoder that is part of this page; every other one is fetched. */
const OWN_DECODER = 'preview'
const SOON_SECONDS = 3

/** Bytes behind a signed address. */
async function download(url: string, stop: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url, { signal: stop }).catch((cause) => {
    if (stop.aborted) throw cause
    throw new NetworkError(strings.errors.network, { cause })
  })
  if (!response.ok) throw new Error(strings.session.photoTrouble)
  return new Uint8Array(await response.arrayBuffer())
}

export function openWorkspace(store: Store, sessionId: string) {
  const { client, keep, uploads } = store
  const stop = new AbortController()
  const session = signal<Session | null>(null)
  const name = signal('')
  const upload = signal<Upload | null>(null)
  const fault = signal<unknown>(null)
  const stage = signal<StageModel | null>(null)
  const embed = signal<FollowedJob | null>(null)
  const make = signal<FollowedJob | null>(null)
  /** What was last looked for by words. */
  const words = signal<FollowedJob | null>(null)
  /** Reconstructions that have a result, newest first. */
  const results = signal<readonly { jobId: string; createdAt: string }[]>([])
  const photoStored = signal(false)
  /** What was said before each job: how long it would take. By job; only in the browser that sent it. */
  const expected = signal<Readonly<Record<string, WaitEstimate>>>({})
  /** Something to turn until the real object is there. */
  const rough = signal<RoughObjects | null>(null)

  const selection = createSelection(
    startDecoder((stage) => selection.onStage(stage)),
    keep,
    sessionId,
  )
  let stopWatching = () => {}
  let lastSubmit: { body: string; key: string } | null = null

  function followEmbed(jobId: string): void {
    embed.value?.stop()
    embed.value = followJob(client, jobId, (status) => void takeEmbedding(status))
  }

  async function takeEmbedding(status: JobStatus): Promise<void> {
    const result = status.state === 'COMPLETED' ? (status.result as EmbedResponse | null) : null
    if (!result) return
    const { decoder, engine } = result
    if (decoder.name !== OWN_DECODER && !(decoder.url && decoder.sha256)) {
      selection.server.value = { kind: 'foreign', decoder: decoder.name }
      return
    }
    try {
      await ready()
      const embedding = await download(result.embedding_url, stop.signal)
      await selection.compare({ embedding, decoder }, engine)
    } catch (error) {
      // The page's own embedding goes on; the stored one is only a second opinion.
      if (!stop.signal.aborted) console.warn('The stored embedding could not be used.', error)
    }
  }

  /** Resolves when the page's own decoder is ready. */
  function ready(): Promise<void> {
    return new Promise((resolve) => {
      const end = effect(() => {
        if (selection.readiness.value.kind === 'ready') queueMicrotask(() => resolve(end()))
      })
    })
  }

  function followWords(jobId: string): void {
    words.value?.stop()
    words.value = followJob(client, jobId, () => void store.refreshCapabilities().catch(() => undefined))
  }

  function followMake(jobId: string): void {
    make.value?.stop()
    make.value = followJob(client, jobId, (status) => {
      if (status.state === 'COMPLETED' && !results.value.some((each) => each.jobId === jobId)) {
        results.value = [{ jobId, createdAt: status.created_at }, ...results.value]
        store.say(strings.wait.states.COMPLETED)
        giveNotice(strings.wait.endTitles.COMPLETED, name.peek() || strings.session.untitled, jobId)
      }
      if (status.state === 'FAILED' || status.state === 'EXPIRED')
        giveNotice(strings.wait.states[status.state], name.peek() || strings.session.untitled, jobId)
      void store.refreshCapabilities().catch(() => undefined)
    })
  }

  async function showPhoto(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const loading = selection.load(bytes)
    // For display only; the Worker decodes the same bytes itself.
    stage.value = createStageModel(selection, await createImageBitmap(new Blob([bytes])))
    await loading
  }

  function watchUpload(running: Upload): void {
    upload.value = running
    // As the API names the session; it is read from there at the next visit.
    name.value = running.photo.name.replace(/\.[A-Za-z0-9]{1,5}$/, '')
    stopWatching = effect(() => {
      const state = running.state.value
      if (state.kind !== 'done' || photoStored.peek()) return
      photoStored.value = true
      followEmbed(state.embedJobId)
    })
  }

  async function readStored(known: Uint8Array<ArrayBuffer> | null): Promise<Uint8Array<ArrayBuffer>> {
    const stored = await client.readSession(sessionId, { signal: stop.signal })
    session.value = stored
    name.value = stored.name
    if (!stored.photo_url) throw new Error(strings.upload.missing)
    photoStored.value = true
    const newest = (kind: JobKind) =>
      stored.jobs.filter((job) => job.kind === kind).sort((a, b) => b.created_at.localeCompare(a.created_at))
    const [embedJob] = newest('embed')
    const makes = newest('reconstruct')
    results.value = makes
      .filter((job) => job.state === 'COMPLETED')
      .map((job) => ({ jobId: job.job_id, createdAt: job.created_at }))
    if (makes[0]) followMake(makes[0].job_id)
    const [wordsJob] = newest('select')
    if (wordsJob) followWords(wordsJob.job_id)
    if (embedJob) followEmbed(embedJob.job_id)
    else {
      const job = await client.initialize(
        { session_id: sessionId },
        { idempotencyKey: `initialize-${sessionId}`, signal: stop.signal },
      )
      followEmbed(job.job_id)
    }
    return known ?? download(stored.photo_url, stop.signal)
  }

  async function open(): Promise<void> {
    fault.value = null
    expected.value = (await keep.read<typeof expected.value>('expected', sessionId).catch(() => null)) ?? {}
    try {
      const running = await uploads.find(sessionId)
      if (stop.signal.aborted) return
      const arrived = running?.state.value.kind === 'done'
      if (running && !arrived) {
        watchUpload(running)
        await showPhoto(running.photo.bytes)
      } else {
        await showPhoto(await readStored(running?.photo.bytes ?? null))
        // Whoever comes back in the middle of the work sees what they saw before.
        const state = make.value?.status.value?.state
        if (state && isOpen(state) && !selection.document.value.layers.every(isEmpty)) await makeRough()
      }
    } catch (error) {
      if (!stop.signal.aborted) fault.value = error
    }
  }

  async function makeRough(): Promise<void> {
    try {
      rough.value = await selection.makeRough()
    } catch (error) {
      console.warn('There is no rough preview.', error)
    }
  }

  /** Whether the real object is there before a rough one would help. */
  function isSoon(): boolean {
    const estimate = store.capabilities.value?.estimated_wait_seconds?.reconstruct
    return estimate !== undefined && estimate.high <= SOON_SECONDS
  }

  void open()

  return {
    sessionId,
    session,
    name,
    upload,
    fault,
    stage,
    selection,
    embed,
    make,
    words,
    results,
    photoStored,
    rough,
    expected,
    open,
    followEmbed,
    followMake,
    followWords,
    /** Asks the engine where in the photo something is; its answer is `words`. */
    async findByWords(asked: string): Promise<void> {
      const job = await client.select(
        { session_id: sessionId, text: asked },
        { idempotencyKey: randomKey(), signal: stop.signal },
      )
      followWords(job.job_id)
    },
    /** A session of its own for the same photo, with what was selected; resolves with its id. */
    async startAfresh(): Promise<string> {
      const old = upload.value
      if (!old) throw new Error(strings.upload.missing)
      const fresh = await uploads.start(old.photo)
      await keep.write('drafts', fresh.sessionId, selection.document.value).catch(() => undefined)
      await uploads.forget(sessionId)
      await keep.remove('drafts', sessionId).catch(() => undefined)
      // It never had a photo; the service clears it away by itself should this call be lost.
      void client.deleteSession(sessionId).catch(() => undefined)
      return fresh.sessionId
    },
    /** Sends the chosen masks; a repeated try of the same thing gives the same job. */
    async submit(options: MakeOptions): Promise<void> {
      const masks = []
      for (const { layer } of selection.chosen.value) {
        masks.push({
          png_base64: toBase64(await selection.writeMask(layer)),
          name: layer.name.trim() || undefined,
        })
      }
      const request: ReconstructRequest = {
        session_id: sessionId,
        masks,
        options: { quality: options.quality, formats: [...options.formats] },
      }
      const body = JSON.stringify(request)
      if (body.length > MAX_BODY_BYTES) throw new Error(strings.make.tooLarge)
      if (lastSubmit?.body !== body) lastSubmit = { body, key: randomKey() }
      // Nobody waits for it: it is made while the request is on its way.
      rough.value = null
      if (!isSoon()) void makeRough()
      const job = await client.reconstruct(request, { idempotencyKey: lastSubmit.key, signal: stop.signal })
      // What is sent after an answer is a new wish, even if it is the same.
      lastSubmit = null
      const estimate = store.capabilities.peek()?.estimated_wait_seconds?.reconstruct
      if (estimate) {
        expected.value = { ...expected.value, [job.job_id]: estimate }
        await keep.write('expected', sessionId, expected.value).catch(() => undefined)
      }
      followMake(job.job_id)
    },
    dispose(): void {
      stop.abort()
      stopWatching()
      embed.value?.stop()
      make.value?.stop()
      words.value?.stop()
      stage.value?.bitmap.close()
      selection.dispose()
    },
  }
}
