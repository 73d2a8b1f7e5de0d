/** kill -9 of the whole stack in the middle of a job: after the next start the job ends, once, with one mail. */
import { waitForJob } from '@gen3d/client/wait'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { afterAll, expect, test } from 'vitest'
import { drawDuck } from '../fixtures/duck.ts'
import { eventually, mailsAbout, signIn, upload } from './session.ts'
import { newStackFolder, removeStackFolder, startTestStack, type TestStack } from './test-stack.ts'

const folder = newStackFolder()
let stack: TestStack | undefined
const duck = drawDuck()
const photo = new Uint8Array(encodeJpeg(duck.image, 92))
const mask = { png_base64: Buffer.from(writeMaskPng(duck.mask)).toString('base64') }

afterAll(async () => {
  await stack?.stop()
  removeStackFolder(folder)
})

/** Submits, waits until `moment`, kills, starts again, and follows the job to its end. */
async function survives(
  moment: (client: Awaited<ReturnType<typeof signIn>>['client'], jobId: string) => Promise<void>,
) {
  stack ??= await startTestStack(folder)
  const { client } = await signIn(stack.file)
  const sessionId = await upload(client, photo, 'image/jpeg')
  const { job_id } = await client.reconstruct({
    session_id: sessionId,
    masks: [mask],
    options: { quality: 'standard', formats: ['glb', 'ply'] },
  })
  await moment(client, job_id)
  await stack.kill()

  stack = await startTestStack(folder)
  const again = await signIn(stack.file)
  const status = await waitForJob(again.client, job_id, { timeoutSeconds: 120 })
  expect(status.state).toBe('COMPLETED')
  const { file } = stack
  await eventually('the mail', async () => (await mailsAbout(file, sessionId)).length > 0)
  // Time for a second one, if it were to come: longer than a redelivery.
  await new Promise((resolve) => setTimeout(resolve, 4000))
  expect(await mailsAbout(file, sessionId)).toHaveLength(1)
  expect((await again.client.readSession(sessionId)).jobs).toHaveLength(1)
}

test('a job that waits survives', async () => {
  await survives(async () => {})
})

test('a job at work survives', async () => {
  await survives(async (client, jobId) => {
    await eventually(
      'the engine at work',
      async () => (await client.readStatus(jobId)).status.state === 'RUNNING',
    )
  })
})
