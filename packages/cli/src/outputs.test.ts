import { expect, test } from 'vitest'
import { planEverything, planOutputs, toOutput } from './outputs.ts'

const glb = (id: string) => ({ format: 'glb' as const, id })
const ply = (id: string) => ({ format: 'ply' as const, id })
const paths = (plan: readonly { path: string; file: { id: string } }[]) =>
  plan.map(({ path, file }) => `${path.replaceAll('\\', '/')} ${file.id}`)

const ONE = { objects: [{ name: 'cup', files: [glb('cup'), ply('cup')] }], scene: null }
const TWO = {
  objects: [
    { name: 'cup', files: [glb('cup'), ply('cup')] },
    { name: 'the pot/lid', files: [glb('pot'), ply('pot')] },
  ],
  scene: { files: [glb('scene')] },
}

test.each([
  ['a.glb', 'glb'],
  ['A.GLB', 'glb'],
  ['a.b.ply', 'ply'],
  ['a.compressed.ply', 'compressed_ply'],
  ['a.obj.zip', 'obj'],
  ['a.png', 'png'],
])('%s is %s by its ending', (path, format) => {
  expect(toOutput(path).format).toBe(format)
})

test.each(['a', 'glb', 'a.zip', 'a.obj', 'a.gltf'])('%s names no format and is refused', (path) => {
  expect(() => toOutput(path)).toThrow(/name it|ending/)
})

test('one object goes to the path as given', () => {
  expect(paths(planOutputs([toOutput('x/chair.glb')], ONE))).toEqual(['x/chair.glb cup'])
})

test('several objects: the scene where there is one, else a file an object', () => {
  expect(paths(planOutputs([toOutput('x/all.glb'), toOutput('x/all.ply')], TWO))).toEqual([
    'x/all.glb scene',
    'x/all-cup.ply cup',
    'x/all-the-pot-lid.ply pot',
  ])
})

test('{name} in a path always makes a file an object, and no name leaves its folder', () => {
  const objects = [{ name: '../..', files: [glb('a')] }]
  expect(paths(planOutputs([toOutput('x/{name}.glb')], TWO))).toEqual([
    'x/cup.glb cup',
    'x/the-pot-lid.glb pot',
  ])
  expect(paths(planOutputs([toOutput('x/{name}.glb')], { objects, scene: null }))).toEqual([
    'x/object-1.glb a',
  ])
})

test('two files for one path, and a format that is not there, are refused', () => {
  expect(() => planOutputs([toOutput('a.glb'), toOutput('a.glb')], ONE)).toThrow('Two files')
  expect(() => planOutputs([toOutput('a.stl')], ONE)).toThrow('no stl')
})

test('everything: each file by its object’s name', () => {
  expect(paths(planEverything('out', TWO))).toEqual([
    'out/cup.glb cup',
    'out/cup.ply cup',
    'out/the-pot-lid.glb pot',
    'out/the-pot-lid.ply pot',
    'out/scene.glb scene',
  ])
})
