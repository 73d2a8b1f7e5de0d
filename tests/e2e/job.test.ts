/** The whole job over plain HTTP against the running stack, and what must hold around it. */

import { waitForJob } from '@gen3d/client/wait'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { writeMaskPng } from '@gen3d/image/mask-png'
import { readEmbedding } from '@gen3d/preview/embed'
import type { EmbedResponse, ReconstructResponse } from '@gen3d/shared/api'
import { expect, inject, test } from 'vitest'
import { drawDuck } from '../fixtures/duck.ts'
import { eventually, mailsAbout, signIn, upload } from './session.ts'

const duck = drawDuck()
const photo = new Uint8Array(encodeJpeg(duck.image, 92))
const mask = Buffer.from(writeMaskPng(duck.mask)).toString('base64')
const stack = inject('stack')

test('prints its block and writes stack.json once everything answers', async () => {
  expect(inject('stackOutput')).toContain(stack.web_url)
  expect(inject('stackOutput')).toContain(stack.password)
  expect((await fetch(stack.web_url)).status).toBe(200)
  const config = (await (await fetch(`${stack.web_url}config.json`)).json()) as { api_url: string }
  expect(config.api_url).toBe(stack.api_url)
})

test('a photo goes in, a mesh and a splat come out, and one mail tells of it', async () => {
  const { client } = await signIn(stack)
  const sessionId = await upload(client, photo, 'image/jpeg')

  const embed = await waitForJob(client, (await client.initialize({ session_id: sessionId })).job_id)
  expect(embed.state).toBe('COMPLETED')
  const embedding = embed.result as EmbedResponse
  expect(embedding.engine.name).toBe('preview')
  expect(embedding.image).toEqual({ width: 640, height: 480 })
  const bytes = new Uint8Array(await (await fetch(embedding.embedding_url)).arrayBuffer())
  expect(readEmbedding(bytes)).toBeDefined()

  const accepted = await client.reconstruct({
    session_id: sessionId,
    masks: [{ png_base64: mask, name: 'duck' }],
    options: { formats: ['glb', 'ply', 'png'], quality: 'draft', seed: 7 },
  })
  const stages = new Set<string>()
  const done = await waitForJob(client, accepted.job_id, {
    onStatus: (status) => status.stage && stages.add(status.stage),
  })
  expect(done.error).toBeNull()
  expect(done.state).toBe('COMPLETED')
  const result = done.result as ReconstructResponse
  expect(result.objects).toHaveLength(1)
  expect(result.objects[0].name).toBe('duck')
  for (const file of result.objects[0].files) {
    const answer = await fetch(file.url)
    expect(answer.status).toBe(200)
    expect((await answer.arrayBuffer()).byteLength).toBe(file.size_bytes)
  }
  expect(result.objects[0].files.map((file) => file.format).sort()).toEqual(['glb', 'ply', 'png'])

  // It follows the job's end: with the event of the manifest.
  const mails = await eventually('the mail', async () => {
    const found = await mailsAbout(stack, sessionId)
    return found.length > 0 && found
  })
  expect(mails).toHaveLength(1)
  expect(mails[0].text).toContain(`${stack.web_url}#/sessions/${sessionId}`)
  expect(mails[0].text).not.toContain('X-Amz-Signature')

  const { sessions } = await client.listSessions()
  const session = sessions.find((one) => one.session_id === sessionId)
  expect(session?.state).toBe('COMPLETED')
  expect(session?.poster_url).toBeTruthy()
})
