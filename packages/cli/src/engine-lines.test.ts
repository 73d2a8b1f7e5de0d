import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { toRunLengths } from './engine-lines.ts'
import { ballPhoto, HEIGHT, WIDTH } from './test-photo.ts'
import { gen3d, temporaryFolder } from './test-terminal.ts'

function fromRunLengths(counts: readonly number[]): Uint8Array {
  return Uint8Array.from(counts.flatMap((count, i) => Array<number>(count).fill(i % 2)))
}

async function ask(folder: string, ...requests: (object | string)[]) {
  const input = requests.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')
  const { exit, out } = await gen3d(folder, ['engine', '--lines'], { input: `${input}\n` })
  expect(exit).toBe(0)
  return out.split('\n').map((line) => JSON.parse(line))
}

test('run lengths give the mask back, whichever value it starts with', () => {
  for (const mask of [[1, 1, 0, 1], [0, 0, 1], [0], [1]]) {
    expect([...fromRunLengths(toRunLengths(Uint8Array.from(mask)))]).toEqual(mask)
  }
  expect(toRunLengths(Uint8Array.from([1, 1, 0]))).toEqual([0, 2, 1])
})

test('encodes a photo, then decodes clicks and a box on it', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'photo.jpg'), ballPhoto())
  const box = [60, 30, 180, 150]
  const ball = { x: 120, y: 90, label: 1 }
  const ground = { x: 0, y: 0, label: 0 }
  const [encoded, byClick, byBox] = await ask(
    folder,
    { op: 'encode', image: 'photo.jpg' },
    { op: 'decode', points: [ball, ground], box: null },
    { op: 'decode', points: [ground], box },
  )
  expect(encoded).toEqual({ ok: true })
  for (const { width, height, counts } of [byClick, byBox]) {
    expect([width, height]).toEqual([WIDTH, HEIGHT])
    const mask = fromRunLengths(counts)
    expect(mask.length).toBe(WIDTH * HEIGHT)
    expect([mask[90 * WIDTH + 120], mask[0]]).toEqual([1, 0])
  }
})

test('answers what it cannot serve with an error and goes on', async () => {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'photo.jpg'), ballPhoto())
  const answers = await ask(
    folder,
    { op: 'decode', points: [{ x: 1, y: 1, label: 1 }], box: null },
    'no JSON',
    'null',
    { op: 'decode', points: [{ x: 'a' }] },
    { op: 'encode', image: 'none.jpg' },
    { op: 'encode', image: 'photo.jpg' },
    { op: 'decode', points: [{ x: 9999, y: 1, label: 1 }], box: null },
    { op: 'decode', points: [{ x: 120, y: 90, label: 1 }] },
  )
  expect(answers.map((answer) => Object.keys(answer)[0])).toEqual([
    ...['error', 'error', 'error', 'error', 'error', 'ok', 'error', 'width'],
  ])
})
