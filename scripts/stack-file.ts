// .local/stack.json: where a running stack is, for scripts. It stands only while the stack answers.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface StackFile {
  readonly web_url: string
  readonly api_url: string
  readonly region: string
  readonly user_pool_id: string
  readonly app_client_id: string
  /** Behind `cognito_endpoint` too; the page does not use it. */
  readonly identity_pool_id: string
  readonly cognito_endpoint: string
  readonly s3_endpoint: string
  readonly sagemaker_endpoint: string
  readonly bucket: string
  readonly inbox_url: string
  readonly username: string
  readonly password: string
  readonly pid: number
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Reads the file of a folder; null when there is none. */
export function readStackFile(folder: string): StackFile | null {
  try {
    return JSON.parse(readFileSync(join(folder, 'stack.json'), 'utf8')) as StackFile
  } catch {
    return null
  }
}

/** Says whether a stack runs in this folder, and writes or removes its file. A file that a kill left behind is removed. */
export function claimStack(folder: string) {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, 'stack.json')
  const present = readStackFile(folder)
  const running = present && isAlive(present.pid) ? present : null
  if (present && !running) rmSync(path, { force: true })
  let written = false
  return {
    running,
    write(file: StackFile): void {
      // Whoever waits for the file must never read half of it.
      writeFileSync(`${path}.tmp`, `${JSON.stringify(file, null, 2)}\n`)
      renameSync(`${path}.tmp`, path)
      written = true
    },
    remove(): void {
      if (written) rmSync(path, { force: true })
    },
  }
}
