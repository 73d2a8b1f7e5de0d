import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

// Windows refuses a rename while a virus scanner looks at the file; it is over in milliseconds.
const renameAttempts = 10

/** Replaces a JSON file in one step: after a crash it holds either the old or the new value, never a part. */
export function writeJson(path: string, value: unknown): void {
  const temporary = `${path}.${process.pid}.tmp`
  mkdirSync(dirname(path), { recursive: true })
  const file = openSync(temporary, 'w')
  try {
    writeSync(file, JSON.stringify(value))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      renameSync(temporary, path)
      return
    } catch (error) {
      if (attempt === renameAttempts || (error as NodeJS.ErrnoException).code !== 'EPERM') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
    }
  }
}

/** Reads a JSON file, or gives undefined where there is none; throws with the path when it is not JSON. */
export function readJson(path: string): unknown {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`${path} is not JSON; delete it to begin anew.`, { cause })
  }
}
