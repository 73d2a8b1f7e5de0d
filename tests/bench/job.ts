/**
 * Time to ready of `npm start`, and the whole job through the running stack: upload, embed, reconstruct, every file
 * fetched, as `gen3d submit --click` does it. Cold: the first job of a stack that has just started; warm: the next ones.
 */
import { waitForJob } from '@gen3d/client/wait'
import type { ReconstructResponse } from '@gen3d/shared/api'
import { buildWeb } from '../../scripts/web.ts'
import { type Client, signIn, upload } from '../e2e/session.ts'
import { newStackFolder, removeStackFolder, startTestStack } from '../e2e/test-stack.ts'
import { duckPhoto } from './duck-photo.ts'
import { type Bench, type Figure, quantile, timed } from './figure.ts'

const READY_GOAL_SECONDS = 6
const JOB_GOAL_SECONDS = 3

/** Seconds by step. */
type Steps = Record<'upload' | 'embed' | 'reconstruct' | 'fetch', number>

async function runJob(client: Client): Promise<Steps> {
  const { jpeg: photo, maskPng } = duckPhoto()
  const png_base64 = Buffer.from(maskPng).toString('base64')
  const uploaded = await timed(() => upload(client, photo, 'image/jpeg'))
  const session_id = uploaded.made
  const embedded = await timed(async () => {
    const { job_id } = await client.initialize({ session_id })
    await complete(client, job_id)
  })
  const built = await timed(async () => {
    const { job_id } = await client.reconstruct({ session_id, masks: [{ png_base64 }] })
    return (await complete(client, job_id)).result as ReconstructResponse
  })
  const files = built.made.objects.flatMap((object) => object.files)
  const fetched = await timed(() =>
    Promise.all(
      files.map(async (file) => {
        const { byteLength } = await (await fetch(file.url)).arrayBuffer()
        if (byteLength !== file.size_bytes) throw new Error(`${file.format} has ${byteLength} bytes`)
      }),
    ),
  )
  return {
    upload: uploaded.ms / 1000,
    embed: embedded.ms / 1000,
    reconstruct: built.ms / 1000,
    fetch: fetched.ms / 1000,
  }
}

async function complete(client: Client, jobId: string) {
  const status = await waitForJob(client, jobId, { timeoutSeconds: 120 })
  if (status.state !== 'COMPLETED')
    throw new Error(`Job ${jobId} is ${status.state}: ${status.error?.message}`)
  return status
}

const sum = (steps: Steps): number => Object.values(steps).reduce((total, seconds) => total + seconds, 0)
const describe = (steps: Steps): string =>
  Object.entries(steps)
    .map(([name, seconds]) => `${name} ${seconds.toFixed(2)}`)
    .join(', ')

export const measureJob: Bench = async (repeats) => {
  await buildWeb()
  // Drawn before anything is timed.
  duckPhoto()
  const folder = newStackFolder()
  const figures: Figure[] = []
  const group = 'npm start'
  try {
    const first = await timed(() => startTestStack(folder))
    figures.push({
      ...{ group, name: 'ready, first start', unit: 's', value: first.ms / 1000, goal: READY_GOAL_SECONDS },
    })
    await first.made.stop()
    const second = await timed(() => startTestStack(folder))
    const stack = second.made
    try {
      figures.push({
        ...{ group, name: 'ready, with state', unit: 's', value: second.ms / 1000, goal: READY_GOAL_SECONDS },
      })
      const { client } = await signIn(stack.file)
      const cold = await runJob(client)
      const warm: Steps[] = []
      for (let i = 0; i < repeats; i++) warm.push(await runJob(client))
      const middle = quantile(warm.map(sum), 0.5)
      const typical = warm.find((steps) => sum(steps) === middle) ?? warm[0]
      figures.push(
        { group: 'whole job', name: 'cold', unit: 's', value: sum(cold), note: describe(cold) },
        {
          ...{ group: 'whole job', name: 'warm p50', unit: 's', value: middle, goal: JOB_GOAL_SECONDS },
          note: describe(typical),
        },
      )
    } finally {
      await stack.stop()
    }
  } finally {
    removeStackFolder(folder)
  }
  return figures
}
