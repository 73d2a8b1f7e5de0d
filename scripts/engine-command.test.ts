import { expect, test } from 'vitest'
import { ENGINE_COMMAND, ENGINE_NAME, readEngine } from './engine-command.ts'

test('without a word of it, the engine is the one of this repository', () => {
  expect(readEngine({})).toBeNull()
  expect(readEngine({ [ENGINE_NAME]: 'preview' })).toBeNull()
})

test('a command is a JSON array of strings, and the name says what it starts', () => {
  const command = '["python", "serve.py", "a folder"]'
  expect(readEngine({ [ENGINE_COMMAND]: command, [ENGINE_NAME]: 'sam3d' })).toEqual({
    name: 'sam3d',
    command: ['python', 'serve.py', 'a folder'],
  })
})

test.each(['python serve.py', '[]', '"python"', '["python", 1]'])('%s is refused by name', (command) => {
  expect(() => readEngine({ [ENGINE_COMMAND]: command, [ENGINE_NAME]: 'sam3d' })).toThrow(ENGINE_COMMAND)
})

test('an unknown engine, a command without a name and a name without a command are refused', () => {
  expect(() => readEngine({ [ENGINE_NAME]: 'sam4d' })).toThrow(`${ENGINE_NAME} must be one of preview, sam3d`)
  expect(() => readEngine({ [ENGINE_COMMAND]: '["serve"]' })).toThrow(`Set ${ENGINE_NAME}`)
  expect(() => readEngine({ [ENGINE_NAME]: 'sam3d' })).toThrow(`Set ${ENGINE_COMMAND}`)
})
