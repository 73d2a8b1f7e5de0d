import { expect, test } from 'vitest'
import { toSelections } from './prompts.ts'

const select = (...options: string[]) =>
  toSelections(
    options.map((option) => {
      const [name, ...value] = option.split(' ')
      return { name, value: value.join(' ') }
    }),
  )

test('a minus before the pair makes a click outside the object, at column 0 too', () => {
  const [{ points }] = select('click 400,300', 'click -120,80', 'click -0,5')
  expect(points).toEqual([
    { x: 400, y: 300, label: 1 },
    { x: 120, y: 80, label: 0 },
    { x: 0, y: 5, label: 0 },
  ])
})

test('a box may be given from any corner', () => {
  expect(select('box 50,60,10,20')[0].box).toEqual([10, 20, 50, 60])
})

test('without --object, clicks and box are one object and each mask another', () => {
  const objects = select('click 1,1', 'mask a.png', 'box 0,0,5,5', 'mask b.png', 'click -9,9')
  expect(objects.map(({ points, box, maskFile }) => [points.length, box !== null, maskFile])).toEqual([
    [2, true, null],
    [0, false, 'a.png'],
    [0, false, 'b.png'],
  ])
})

test('--object takes the clicks, the box or the mask that follow it', () => {
  const objects = select('object cup', 'click 1,1', 'click -9,9', 'object pot', 'mask pot.png')
  expect(objects.map(({ name, points, maskFile }) => [name, points.length, maskFile])).toEqual([
    ['cup', 2, null],
    ['pot', 0, 'pot.png'],
  ])
})

test.each([
  [[], 'Say which object'],
  [['click 1'], '--click takes two whole numbers'],
  [['click 1.5,2'], '--click takes two whole numbers'],
  [['click NaN,2'], '--click takes two whole numbers'],
  [['click -1,-2'], '--click takes two whole numbers'],
  [['click -1,2'], 'a click inside it'],
  [['box 1,2,3'], '--box takes four whole numbers'],
  [['box 1,2,3,4', 'box 5,6,7,8'], 'one box'],
  [['object cup'], 'object "cup" a click inside it'],
  [['object cup', 'click 1,1', 'mask a.png'], 'either a mask, or clicks'],
  [['object cup', 'mask a.png', 'mask b.png'], 'two masks'],
  [['object cup', 'click 1,1', 'object cup', 'click 2,2'], 'Two objects are called "cup"'],
  [['object  '], '1 to 120 characters'],
  [Array.from({ length: 9 }, (_, i) => `mask ${i}.png`), 'At most 8 objects'],
])('refuses %j and says why', (options, message) => {
  expect(() => select(...options)).toThrow(message)
})
