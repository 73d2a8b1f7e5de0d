import { expect, test } from 'vitest'
import { ENGINE_COMMAND, parseCommand } from './engine-command.ts'

test('a command is a JSON array of strings', () => {
  expect(parseCommand('["python", "serve.py", "a folder"]')).toEqual(['python', 'serve.py', 'a folder'])
})

test.each(['python serve.py', '[]', '"python"', '["python", 1]'])('%s is refused by name', (text) => {
  expect(() => parseCommand(text)).toThrow(ENGINE_COMMAND)
})
