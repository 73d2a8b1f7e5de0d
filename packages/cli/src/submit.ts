import { createHash, randomUUID } from 'node:crypto'
import { basename } from 'node:path'
import type { CallOptions, Client } from '@gen3d/client/client'
import { NetworkError } from '@gen3d/client/errors'
import { uploadPhoto } from '@gen3d/client/upload'
import { checkLimits, readHead } from '@gen3d/image/head'
import { PREVIEW_DECODER } from '@gen3d/preview/embed'
import { createPreviewEngine } from '@gen3d/preview/engine'
import type { JobStatus, ReconstructRequest } from '@gen3d/shared/api'
import { MAX_UPLOAD_BYTES } from '@gen3d/shared/limits'
import { onePositional } from './arguments.ts'
import type { Command } from './command.ts'
import { connect } from './connection.ts'
import { DEPLOYMENT_OPTIONS } from './deployment.ts'
import { downloadFiles, openDownload } from './download-files.ts'
import { CliError, EXIT, usageError } from './errors.ts'
import { readInput } from './files.ts'
import { followJob, toReconstructResult } from './follow-job.ts'
import { OUTPUT_OPTION, SAVE_MASK_OPTION, saveMasks } from './make.ts'
import { formatsOf, planOutputs, toMaskPath, toOutput } from './outputs.ts'
import { createProgressBar } from './progress-bar.ts'
import { SELECTION_OPTIONS, toSelections } from './prompts.ts'
import { RECONSTRUCT_OPTIONS, toReconstructOptions } from './reconstruct-options.ts'
import { reportJob, reportMade } from './report.ts'
import { selectObjects } from './select.ts'
import type { Terminal } from './terminal.ts'

/** Times a call is made when no answer comes; its Idempotency-Key makes one job of them. */
const TRIES = 3

export const submit: Command = {
  summary: 'Make a 3D object of a photo with a deployment.',
  usage: 'gen3d submit PHOTO (--click X,Y … | --box X0,Y0,X1,Y1 | --mask FILE.png) -o FILE …',
  options: {
    ...SELECTION_OPTIONS,
    output: OUTPUT_OPTION,
    ...RECONSTRUCT_OPTIONS,
    'save-mask': SAVE_MASK_OPTION,
    'no-wait': { help: 'Prints the job’s id and ends; fetch the files later with gen3d download.' },
    ...DEPLOYMENT_OPTIONS,
  },
  examples: [
    'gen3d submit photo.jpg --click 400,300 -o chair.glb',
    'gen3d submit photo.jpg --mask cup.png --mask pot.png -o "{name}.glb" --api https://gen3d.example.org',
    'gen3d submit photo.jpg --click 400,300 --no-wait',
  ],
  async run(args, terminal) {
    const path = onePositional(args, 'PHOTO')
    const selections = toSelections(args.given)
    const outputs = args.getAll('output').map(toOutput)
    const maskPath = toMaskPath(args.get('save-mask'))
    if (outputs.length === 0 && !args.has('no-wait')) {
      throw usageError('Say where to write the result (-o chair.glb), or give --no-wait.')
    }
    const formats = formatsOf(outputs)
    const options = { ...toReconstructOptions(args), ...(formats.length > 0 && { formats }) }
    const photo = await readInput(terminal.folder, path)
    const contentType = checkPhoto(photo, path)
    const client = await connect(args, terminal)
    const sessionId = await upload(client, { photo, contentType, name: basename(path) }, terminal)
    const selected = await selectObjects(selections, {
      photo,
      embedding: () => fetchEmbedding(client, sessionId, photo, terminal),
      folder: terminal.folder,
    })
    await saveMasks(maskPath, selected, terminal)
    const body: ReconstructRequest = {
      session_id: sessionId,
      masks: selected.map(({ name, png }) => ({
        ...(name !== null && { name }),
        png_base64: Buffer.from(png).toString('base64'),
      })),
      ...(Object.keys(options).length > 0 && { options }),
    }
    const job = await submitOnce((call) => client.reconstruct(body, call), terminal)
    if (args.has('no-wait')) {
      reportJob(job, args, terminal)
      return EXIT.ok
    }
    const status = await followJob(client, job.job_id, terminal)
    const plan = planOutputs(outputs, toReconstructResult(status))
    await downloadFiles(plan, terminal)
    reportMade(status, plan, args, terminal)
    return EXIT.ok
  },
}

/** Refuses here what the API would refuse after the upload; resolves with the content type by the photo's own bytes. */
export function checkPhoto(photo: Uint8Array, path: string) {
  if (photo.length > MAX_UPLOAD_BYTES) {
    throw new CliError(`"${path}" is larger than ${MAX_UPLOAD_BYTES / 2 ** 20} MiB. Make the photo smaller.`)
  }
  const head = readHead(photo, { complete: true })
  checkLimits(head)
  return head.contentType
}

/** Opens a session with the photo in it; resolves with its id. */
export async function upload(
  client: Client,
  file: {
    readonly photo: Uint8Array<ArrayBuffer>
    readonly contentType: ReturnType<typeof checkPhoto>
    readonly name: string
  },
  terminal: Terminal,
): Promise<string> {
  const { signal } = terminal
  const bar = createProgressBar(terminal.draw)
  bar.show('Uploading', null)
  try {
    const { session_id, upload: form } = await client.createUpload(
      { file_name: file.name, content_type: file.contentType, size_bytes: file.photo.length },
      { signal },
    )
    await uploadPhoto(form, new Blob([file.photo], { type: file.contentType }), { signal })
    return session_id
  } finally {
    bar.end()
  }
}

/**
 * The deployment's own embedding. Where it is for a decoder that is not built in here, the clicks are decoded from an
 * embedding made here, so that the same clicks still select the object.
 */
async function fetchEmbedding(
  client: Client,
  sessionId: string,
  photo: Uint8Array,
  terminal: Terminal,
): Promise<Uint8Array> {
  const { signal } = terminal
  const job = await submitOnce((call) => client.initialize({ session_id: sessionId }, call), terminal)
  const { result }: JobStatus = await followJob(client, job.job_id, terminal)
  if (!result || !('embedding_url' in result)) throw new CliError('The deployment made no embedding.')
  const { decoder } = result
  if (decoder.name !== PREVIEW_DECODER.name || decoder.version !== PREVIEW_DECODER.version) {
    terminal.note(
      `The clicks are decoded by the engine in gen3d: it cannot read embeddings of ${decoder.name} ${decoder.version}.`,
    )
    const progress = async () => signal.throwIfAborted()
    return (await createPreviewEngine().embed(photo, { progress })).embedding
  }
  const stream = await openDownload(result.embedding_url, signal)
  const embedding = new Uint8Array(await new Response(stream).arrayBuffer())
  if (createHash('sha256').update(embedding).digest('hex') !== result.sha256) {
    throw new CliError('The embedding arrived damaged. Try again.')
  }
  return embedding
}

/** Asks again where no answer comes: it stays one job. */
export async function submitOnce<T>(
  call: (options: CallOptions & { idempotencyKey: string }) => Promise<T>,
  terminal: Terminal,
): Promise<T> {
  const options = { signal: terminal.signal, idempotencyKey: randomUUID() }
  for (let left = TRIES - 1; ; left--) {
    try {
      return await call(options)
    } catch (error) {
      if (!(error instanceof NetworkError) || left === 0) throw error
    }
  }
}
