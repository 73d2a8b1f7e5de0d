import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeOutput } from './files.ts'
import { temporaryFolder } from './test-terminal.ts'

const signal = new AbortController().signal
const bytes = (text: string) => new TextEncoder().encode(text)

/** Brings a few bytes and then waits for ever. */
function stuckStream(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(bytes('half')) })
}

test('makes the folders on the way', async () => {
  const folder = temporaryFolder()
  await writeOutput(folder, 'a/b/c.txt', bytes('whole'), { signal })
  expect(readFileSync(join(folder, 'a/b/c.txt'), 'utf8')).toBe('whole')
})

test('an abort in the middle of a file keeps the old one and leaves no half one', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'c.txt'), 'old')
  const abort = new AbortController()
  const writing = writeOutput(folder, 'c.txt', stuckStream(), { signal: abort.signal })
  setTimeout(() => abort.abort(new Error('stop')), 50)
  await expect(writing).rejects.toThrow('stop')
  expect(readdirSync(folder)).toEqual(['c.txt'])
  expect(readFileSync(join(folder, 'c.txt'), 'utf8')).toBe('old')
})

test('a stream that ends early leaves nothing', async () => {
  const folder = temporaryFolder()
  const stream = new Response('half').body as ReadableStream<Uint8Array>
  await expect(writeOutput(folder, 'c.txt', stream, { signal, sizeBytes: 8 })).rejects.toThrow('broke off')
  expect(readdirSync(folder)).toEqual([])
})

test('says in a sentence why a file cannot be written', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'file'), '')
  await expect(writeOutput(folder, 'file/c.txt', bytes('x'), { signal })).rejects.toThrow(
    /"file\/c.txt" cannot be written: /,
  )
})
