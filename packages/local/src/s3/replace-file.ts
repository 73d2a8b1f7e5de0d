import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Replaces a file in one step, on disk before the step: after a crash it holds the old or the new text. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  const file = await openInNewFolder(temporary)
  try {
    await file.writeFile(text)
    await file.datasync()
  } finally {
    await file.close()
  }
  for (let attempt = 1; ; attempt += 1) {
    try {
      await rename(temporary, path)
      return
    } catch (error) {
      // Windows refuses while a virus scanner looks at the file; it is over in milliseconds.
      if (attempt === 10 || (error as NodeJS.ErrnoException).code !== 'EPERM') throw error
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  }
}

async function openInNewFolder(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await mkdir(dirname(path), { recursive: true })
    return open(path, 'wx')
  }
}
