import { expect, test } from 'vitest'
import { parseArguments } from './arguments.ts'
import { CliError } from './errors.ts'

const OPTIONS = {
  click: { value: 'X,Y', multiple: true, help: '' },
  output: { value: 'FILE', short: 'o', multiple: true, help: '' },
  seed: { value: 'N', help: '' },
  json: { help: '' },
} as const

const parse = (...args: string[]) => parseArguments(args, OPTIONS)

test('takes a value that starts with a minus and a digit, with a space or an equals sign before it', () => {
  const args = parse('photo.jpg', '--click', '400,300', '--click', '-120,80', '--click=-1,2')
  expect(args.getAll('click')).toEqual(['400,300', '-120,80', '-1,2'])
  expect(args.positionals).toEqual(['photo.jpg'])
})

test('keeps the order in which options of different names were given', () => {
  const { given } = parse('--click', '1,1', '-o', 'a.glb', '--click', '2,2')
  expect(given.map(({ name, value }) => `${name} ${value}`)).toEqual([
    'click 1,1',
    'output a.glb',
    'click 2,2',
  ])
})

test('takes what follows -- as it stands', () => {
  expect(parse('--json', '--', '--click', '-1').positionals).toEqual(['--click', '-1'])
})

test.each([
  [['--clik', '1,1'], 'There is no option --clik. Did you mean --click?'],
  [['--toString'], 'There is no option --toString.'],
  [['--__proto__', 'x'], 'There is no option --__proto__.'],
  [['-x'], 'There is no option -x.'],
  [['--click'], '--click needs a value: X,Y.'],
  [['-o'], '-o needs a value: FILE.'],
  [['--json=yes'], '--json takes no value.'],
  [['--seed', '1', '--seed', '2'], '--seed is given twice; give it once.'],
])('refuses %j and says why', (args, message) => {
  expect(() => parse(...args)).toThrow(new CliError(message, 2))
})
