import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readMaskPng } from '@gen3d/image/mask-png'
import { beforeEach, expect, test } from 'vitest'
import { BESIDE_BALL, ballPhoto, maskPng, ON_BALL, WIDTH } from './test-photo.ts'
import { gen3d, temporaryFolder } from './test-terminal.ts'

const PROGRAM = fileURLToPath(new URL('../bin/gen3d.mjs', import.meta.url))
let folder: string

beforeEach(() => {
  folder = temporaryFolder()
  writeFileSync(join(folder, 'photo.jpg'), ballPhoto())
})

const read = (name: string) => readFileSync(join(folder, name))

/** Where a pixel `X,Y` stands in a mask. */
function at(pixel: string): number {
  const [x, y] = pixel.split(',').map(Number)
  return y * WIDTH + x
}

/** The program itself, as a process of its own. */
function program(args: readonly string[]) {
  const child = spawn(process.execPath, [PROGRAM, ...args], { cwd: folder })
  let out = ''
  let notes = ''
  child.stdout.on('data', (text) => (out += text))
  child.stderr.on('data', (text) => (notes += text))
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  return { child, ended: ended.then((exit) => ({ exit, out, notes })) }
}

test('the program makes a GLB, a PLY and the mask of what was clicked', async () => {
  const { exit, out, notes } = await program([
    ...['make', 'photo.jpg', '--click', ON_BALL, '--click', `-${BESIDE_BALL}`],
    ...['-o', 'out/ball.glb', '-o', 'ball.ply', '--save-mask', 'ball.png', '--quality', 'draft', '--json'],
  ]).ended
  expect({ exit, notes }).toEqual({ exit: 0, notes: '' })
  const { files, engine } = JSON.parse(out)
  expect(engine.name).toBe('preview')
  expect(files.map((file: { format: string }) => file.format)).toEqual(['glb', 'ply'])
  expect(read('out/ball.glb').subarray(0, 4).toString()).toBe('glTF')
  expect(read('ball.ply').subarray(0, 3).toString()).toBe('ply')
  const mask = readMaskPng(read('ball.png'))
  // Every click is honoured; how good the rest is, the engine's own tests say.
  expect([mask.data[at(ON_BALL)], mask.data[at(BESIDE_BALL)]]).toEqual([1, 0])
})

test('the same seed and mask give the same bytes, made of clicks or of the mask they gave', async () => {
  const quick = ['--quality', 'draft', '--seed', '7']
  await gen3d(folder, [
    'make',
    'photo.jpg',
    '--click',
    ON_BALL,
    ...quick,
    '-o',
    'a.glb',
    '--save-mask',
    'm.png',
  ])
  const again = await gen3d(folder, ['make', 'photo.jpg', '--mask', 'm.png', ...quick, '-o', 'b.glb'])
  expect(again.exit).toBe(0)
  expect(read('b.glb').equals(read('a.glb'))).toBe(true)
})

test('several objects: one scene, or a file an object', async () => {
  writeFileSync(
    join(folder, 'left.png'),
    maskPng((x, y) => x > 50 && x < 100 && y > 60 && y < 120),
  )
  writeFileSync(
    join(folder, 'right.png'),
    maskPng((x, y) => x > 130 && x < 180 && y > 60 && y < 120),
  )
  const objects = ['--object', 'left', '--mask', 'left.png', '--object', 'right', '--mask', 'right.png']
  const run = await gen3d(folder, [
    ...['make', 'photo.jpg', ...objects, '--quality', 'draft', '-o', 'all.glb', '-o', '{name}.stl'],
  ])
  expect(run.exit).toBe(0)
  expect(['all.glb', 'left.stl', 'right.stl'].every((name) => existsSync(join(folder, name)))).toBe(true)
})

test('a picture that is none, and masks that do not fit, are told in one sentence', async () => {
  writeFileSync(join(folder, 'note.jpg'), 'this is text, not a picture')
  writeFileSync(
    join(folder, 'small.png'),
    maskPng(() => true, 10),
  )
  writeFileSync(
    join(folder, 'empty.png'),
    maskPng(() => false),
  )
  const told = async (...args: string[]) => {
    const { exit, notes } = await gen3d(folder, ['make', ...args, '-o', 'x.glb'])
    expect(exit).toBe(1)
    return notes
  }
  expect(await told('note.jpg', '--click', '1,1')).toContain('This is not a picture.')
  expect(await told('none.jpg', '--click', '1,1')).toContain('there is no such file')
  expect(await told('photo.jpg', '--mask', 'small.png')).toContain(
    '10 x 180 pixels, the upright photo 240 x 180',
  )
  expect(await told('photo.jpg', '--mask', 'empty.png')).toContain('is empty')
  expect(await told('photo.jpg', '--mask', 'photo.jpg')).toContain('not a PNG')
  expect(await told('photo.jpg', '--click', '240,10')).toContain('lies outside the photo')
  expect(readdirSync(folder)).not.toContain('x.glb')
})

test.each([
  [['--help'], 0],
  [[], 2],
  [['mak'], 2],
  [['make', 'photo.jpg', '-o', 'a.glb'], 2],
  [['make', 'none.jpg', '--click', '1,1', '-o', 'a.glb'], 1],
])('the program ends %j with %i', async (args, exit) => {
  expect((await program(args).ended).exit).toBe(exit)
})

test('every command has help with examples', async () => {
  const { out } = await gen3d(folder, ['--help'])
  const names = [...out.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name)
  expect(names).toContain('make')
  for (const name of names) {
    const help = await gen3d(folder, [name, '--help'])
    expect(help.exit).toBe(0)
    expect(help.out).toContain(`Usage: gen3d ${name}`)
    expect(help.out).toMatch(/Examples:\n.*gen3d/)
  }
})

test('an interrupt ends with 130 and leaves no file', async () => {
  const abort = new AbortController()
  const onDraw = (text: string) => {
    if (text.includes('%')) abort.abort(new DOMException('Interrupted.', 'AbortError'))
  }
  const args = ['make', 'photo.jpg', '--click', ON_BALL, '-o', 'out/a.glb']
  const run = await gen3d(folder, args, { signal: abort.signal, onDraw })
  expect([run.exit, run.notes]).toEqual([130, 'gen3d: Interrupted.'])
  expect(readdirSync(folder)).toEqual(['photo.jpg'])
})

test.runIf(process.platform !== 'win32')('Ctrl-C ends the program with 130', async () => {
  const { child, ended } = program(['engine', '--lines'])
  child.stdin.write('{"op":"encode","image":"photo.jpg"}\n')
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  expect(await ended).toEqual({ exit: 130, out: '{"ok":true}\n', notes: 'gen3d: Interrupted.\n' })
})
