import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { writeZip } from './write-zip.ts'

const CONTENT: Record<string, string[]> = {
  'sessions/A/original_image.jpg': ['pho', 'to'],
  'sessions/A/empty.bin': [],
  'sessions/Ä/metadata.json': ['{}'],
}

async function* list(names = Object.keys(CONTENT)) {
  for (const path of names) yield { path, size_bytes: CONTENT[path].join('').length }
}
async function* open({ path }: { path: string }) {
  for (const part of CONTENT[path]) yield new TextEncoder().encode(part)
}
async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for await (const chunk of chunks) parts.push(chunk)
  return new Uint8Array(Buffer.concat(parts))
}

test('every file stands in the ZIP with its bytes, an empty one and an odd name too', async () => {
  const found = unzipSync(await collect(writeZip(list(), open)))
  expect(
    Object.fromEntries(Object.entries(found).map(([name, bytes]) => [name, Buffer.from(bytes).toString()])),
  ).toEqual(Object.fromEntries(Object.entries(CONTENT).map(([name, parts]) => [name, parts.join('')])))
})

test('nothing to export is an empty ZIP', async () => {
  expect(unzipSync(await collect(writeZip(list([]), open)))).toEqual({})
})

test('the next file is opened only when the last one was taken', async () => {
  const opened: string[] = []
  const zip = writeZip(list(), (file) => {
    opened.push(file.path)
    return open(file)
  })
  await zip.next()
  expect(opened).toHaveLength(1)
  await zip.return(undefined)
})

test('what one ZIP cannot hold is refused, with the way out', async () => {
  for (const limits of [
    { bytes: 6, files: 9 },
    { bytes: 99, files: 2 },
  ]) {
    await expect(collect(writeZip(list(), open, limits))).rejects.toThrow('-o FOLDER/')
  }
})
