/** Steps of deploy.test.ts that are an operator's commands: doctor, image, weights. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { createBuilds } from '@gen3d/aws/admin/builds'
import { expect, onTestFinished, test } from 'vitest'
import { buildImage } from '../../../packages/cli/src/admin/image.ts'
import { putWeights } from '../../../packages/cli/src/admin/weights.ts'
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
    const { place, account, bucket } = open()
    const folder = temporaryFolder()
    for (const name of ['sam3', 'sam3d']) {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'model.safetensors'), `weights of ${name}`)
    }
    const stop = new AbortController()
    const halted = createTerminal({
      signal: stop.signal,
      onNote: (text) => text.endsWith('sent') && stop.abort(),
    })
    await expect(putWeights(place, folder, halted.terminal)).rejects.toThrow('abort')
    const { terminal, notes } = createTerminal({})
    const id = await putWeights(place, folder, terminal)
    expect(notes()).toMatch(
      /^1\/2 sam3\/model\.safetensors .*: is there\n2\/2 sam3d\/model\.safetensors .*: sent$/,
    )
    expect(await createBuilds(account, 'prod').recorded('weights')).toBe(id)
    const sums = (await (await bucket()).objects.get('models/SHA256SUMS')) ?? new Uint8Array()
    expect(new TextDecoder().decode(sums)).toMatch(
      /^[0-9a-f]{64} {2}sam3\/model\.safetensors\n[0-9a-f]{64} {2}sam3d\/model\.safetensors\n$/,
    )
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

  test('gen3d admin weights --token-stdin has the deployed build fetch them', {
    timeout: 3 * MINUTES,
  }, async () => {
    const { gen3d, account, bucket, emulator } = open()
    const { code, output } = await gen3d(['admin', 'weights', '--token-stdin', ...PLACE], {
      input: 'secret\n',
    })
    expect(code, `${output}${emulator.words()}`).toBe(0)
    expect(output).toContain(await createBuilds(account, 'prod').recorded('weights'))
    const { objects } = await bucket()
    const file = (await objects.get('models/sam3/model.safetensors')) ?? new Uint8Array()
    expect(new TextDecoder().decode(file)).toBe('weights of facebook/sam3 for secret\n')
    expect(await objects.head('models/sam3/.cache/metadata')).toBeNull()
  })
}
