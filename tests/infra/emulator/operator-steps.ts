/** Steps of deploy.test.ts that are an operator's commands: doctor, image, weights. */
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { createBuilds } from '@gen3d/aws/admin/builds'
import { expect, onTestFinished, test } from 'vitest'
import { buildImage } from '../../../packages/cli/src/admin/image.ts'
import { prepareWeights } from '../../../packages/cli/src/admin/prepare-weights.ts'
import { fetchWeights, putWeights } from '../../../packages/cli/src/admin/weights.ts'
import type { Terminal } from '../../../packages/cli/src/terminal.ts'
import type { Deployment } from './deployment.ts'

const MINUTES = 60_000
export const PLACE = ['--stage', 'prod', '--region', 'us-east-1'] as const

/** A terminal that remembers its notes. */
export function createTerminal(options: {
  readonly env?: NodeJS.ProcessEnv
  readonly signal?: AbortSignal
  readonly onNote?: (text: string) => void
}) {
  const lines: string[] = []
  const terminal: Terminal = {
    out: () => {},
    note(text) {
      lines.push(text)
      options.onNote?.(text)
    },
    draw: null,
    stdin: Readable.from([]),
    stderr: new PassThrough(),
    env: options.env ?? {},
    folder: tmpdir(),
    signal: options.signal ?? new AbortController().signal,
  }
  return { terminal, notes: () => lines.join('\n') }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-operator-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** The checks that a doctor found wrong. */
export const wrongLines = (output: string) =>
  (output.match(/^WRONG .+$/gm) ?? []).map((line) => line.slice(6, 19).trim())

/** With the engine preview. */
export function doctorSteps(open: () => Deployment): void {
  test('gen3d admin user and doctor: a healthy deployment is all ok, a job included', {
    timeout: 2 * MINUTES,
  }, async () => {
    const { gen3d } = open()
    const made = await gen3d(['admin', 'user', 'a@example.com', '--force', '--json', ...PLACE])
    expect(made.code, made.output).toBe(0)
    const [, password] = /"password":"([^"]+)"/.exec(made.output) ?? []
    const { code, output } = await gen3d(
      ['admin', 'doctor', ...PLACE, '--email', 'a@example.com', '--password-stdin'],
      { input: `${password}\n` },
    )
    expect(wrongLines(output), output).toEqual([])
    expect(output).toMatch(/^ok {4}job +embedded a photo in \d+ s$/m)
    expect(code).toBe(0)
  })

  test('gen3d admin doctor names what is broken', { timeout: 3 * MINUTES }, async () => {
    const { gen3d, account, bucket, outputs } = open()
    const { objects } = await bucket()
    const config = await objects.get('public/config.json')
    await objects.delete(['public/config.json'])
    const { DeadLettersUrl: QueueUrl } = await outputs('notify')
    await account.json('sqs', 'AmazonSQS.SendMessage', { QueueUrl, MessageBody: '{}' })
    const broken = await gen3d(['admin', 'doctor', ...PLACE])
    expect(wrongLines(broken.output), broken.output).toEqual(['config.json', 'dead letters'])
    expect(broken.output).toContain('-> Publish it again: sls deploy --stage prod')
    expect(broken.output).toContain(`-> Read them (aws sqs receive-message --queue-url ${QueueUrl})`)
    expect(broken.code).toBe(1)
    await objects.put('public/config.json', config ?? '', { contentType: 'application/json' })
    await account.json('sqs', 'AmazonSQS.PurgeQueue', { QueueUrl })

    const elsewhere = await gen3d(['admin', 'doctor', '--stage', 'prod', '--region', 'eu-west-1'])
    expect(wrongLines(elsewhere.output), elsewhere.output).toEqual(['region'])
    expect(elsewhere.output).toContain('sls deploy --stage prod, with AWS_REGION set to eu-west-1')
    const env = { AWS_ACCESS_KEY_ID: 'AKIAOFANOLDSESSION00', AWS_SECRET_ACCESS_KEY: 'expired' }
    const stranger = await gen3d(['admin', 'doctor', ...PLACE], { env })
    expect(wrongLines(stranger.output), stranger.output).toEqual(['credentials'])
    expect(stranger.output).toContain('-> Sign in again (aws sso login)')
  })
}

/** With the engine sam3d, before its endpoint stands. */
export function engineSteps(open: () => Deployment): void {
  test('gen3d admin image: the deployed build makes, pushes and records it, each source once', {
    timeout: 3 * MINUTES,
  }, async () => {
    const { gen3d, place, account, emulator } = open()
    const { code, output } = await gen3d(['admin', 'image', ...PLACE])
    expect(code, `${output}${emulator.words()}`).toBe(0)
    const first = await createBuilds(account, 'prod').recorded('image-uri')
    expect(first).toMatch(
      /^000000000000\.dkr\.ecr\.us-east-1\.amazonaws\.com\/gen3d-sagemaker@sha256:[0-9a-f]{64}$/,
    )
    expect(output).toContain(first)
    const { terminal, notes } = createTerminal({})
    expect(await buildImage(place, terminal, undefined, 0.5)).toBe(first)
    expect(notes()).toMatch(/^Build gen3d-image:/)
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\n')
    expect(await buildImage(place, terminal, folder, 0.5)).not.toBe(first)
  })

  test('gen3d admin weights --from goes on where it was interrupted, and records what lies there', async () => {
    const { place, account, bucket, weights } = open()
    const { objects } = await bucket()
    await objects.put('models/sam3/model.safetensors', 'of an earlier release', { contentType: 'x/y' })
    await objects.put('models/decoders/sam3-1.onnx', 'exported', { contentType: 'x/y' })
    const first = createTerminal({ env: process.env })
    const folder = await prepareWeights(weights.published, first.terminal, weights.container)
    const stop = new AbortController()
    const halted = createTerminal({
      signal: stop.signal,
      onNote: (text) => text.endsWith('sent') && stop.abort(),
    })
    await expect(putWeights(place, folder, halted.terminal)).rejects.toThrow('abort')
    expect(await objects.head('models/weights.lock.json')).toBeNull()
    const { terminal, notes } = createTerminal({})
    const id = await putWeights(place, folder, terminal)
    expect(notes()).toMatch(
      /^1\/5 sam3\/config\.json .*: is there\n2\/5 .*: sent\n3\/5 .*: sent\n4\/5 .*: sent\n5\/5 .*: sent$/,
    )
    expect(await createBuilds(account, 'prod').recorded('weights')).toBe(id)
    const lock = (await objects.get('models/weights.lock.json')) ?? new Uint8Array()
    expect(sha256(lock)).toBe(id)
    const { files } = JSON.parse(new TextDecoder().decode(lock))
    const lying: string[] = []
    for await (const { key } of objects.list('models/')) lying.push(key)
    const expected = [...Object.keys(files), 'decoders/sam3-1.onnx', 'weights.lock.json']
    expect(lying.sort()).toEqual(expected.map((name) => `models/${name}`).sort())
    const again = createTerminal({})
    expect(await putWeights(place, folder, again.terminal)).toBe(id)
    expect(again.notes().match(/: is there$/gm)).toHaveLength(5)
    // Changed after it was converted.
    writeFileSync(join(folder, 'sam3', 'config.json'), '{"model_type": "sam3_videO"}')
    await expect(putWeights(place, folder, again.terminal)).rejects.toThrow(
      'sam3/config.json is not what weights.lock.json names',
    )
    await objects.delete(['models/decoders/sam3-1.onnx'])
  })

  test('a large file goes on with the parts that an interrupted upload has left', async () => {
    const { calls, outputs, bucket } = open()
    const { objects, putFile } = await bucket()
    const path = join(temporaryFolder(), 'large')
    const partBytes = 5 * 1024 * 1024
    const bytes = Buffer.alloc(3.5 * partBytes, 'gen3d')
    writeFileSync(path, bytes)
    const stop = new AbortController()
    await expect(
      putFile('models/large', path, { partBytes, signal: stop.signal, onBytes: () => stop.abort() }),
    ).rejects.toThrow('abort')
    expect(await objects.head('models/large')).toBeNull()
    // A changed part is sent again, whatever lies there.
    bytes.fill('other', 0, 100)
    writeFileSync(path, bytes)
    await putFile('models/large', path, { partBytes })
    const there = (await objects.get('models/large')) ?? new Uint8Array()
    expect(Buffer.compare(there, bytes)).toBe(0)
    // The same upload was completed, not a second one begun.
    const { BucketName } = await outputs()
    const uploads = await (await calls.rest('s3', `/${BucketName}?uploads`)).text()
    expect(uploads).not.toContain('<UploadId>')
    await objects.delete(['models/large'])
  })

  test('gen3d admin weights --token-stdin names the licence that the token’s owner has not accepted', async () => {
    const { gen3d, hub } = open()
    const { code, output } = await gen3d(['admin', 'weights', '--token-stdin', ...PLACE], {
      input: 'other\n',
      env: { HF_ENDPOINT: hub.url },
    })
    expect(code, output).toBe(1)
    expect(output).toContain('17.0 GB are published; about 15.3 GB are kept in the bucket')
    expect(output).toContain('accept its licence at https://huggingface.co/facebook/sam3, as the person')
  })

  test('gen3d admin weights --token-stdin has the deployed build check, convert and record them', {
    timeout: 3 * MINUTES,
  }, async () => {
    const { place, account, bucket, emulator, hub, weights } = open()
    const { objects } = await bucket()
    await objects.put('models/sam3/model.safetensors', 'of an earlier release', { contentType: 'x/y' })
    const { terminal } = createTerminal({ env: { HF_ENDPOINT: hub.url } })
    const id = await fetchWeights(place, 'secret', terminal, weights.container, 0.5).catch((error) => {
      throw new Error(`${error.message}\n${emulator.words()}`)
    })
    expect(await createBuilds(account, 'prod').recorded('weights')).toBe(id)
    const lock = (await objects.get('models/weights.lock.json')) ?? new Uint8Array()
    expect(sha256(lock)).toBe(id)
    const { files, sources } = JSON.parse(new TextDecoder().decode(lock))
    expect(sources['sam3/model.safetensors'].checked).toBe("weights.json and the hub's record")
    for (const [name, file] of Object.entries<{ sha256: string }>(files))
      expect(sha256((await objects.get(`models/${name}`)) ?? new Uint8Array()), name).toBe(file.sha256)
    expect(await objects.head('models/sam3/model.safetensors')).toBeNull()
  })
}

const sha256 = (content: Uint8Array) => createHash('sha256').update(content).digest('hex')
