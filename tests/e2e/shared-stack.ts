/** One running stack for all suites: starting one costs more than most tests. Suites that kill it start their own. */
import type { TestProject } from 'vitest/node'
import type { StackFile } from '../../scripts/stack-file.ts'
import { newStackFolder, removeStackFolder, startTestStack } from './test-stack.ts'

declare module 'vitest' {
  interface ProvidedContext {
    stack: StackFile
    /** What the terminal showed. */
    stackOutput: string
    /** Where its state and its stack.json are. */
    stackFolder: string
  }
}

export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = newStackFolder()
  const stack = await startTestStack(folder)
  project.provide('stack', stack.file)
  project.provide('stackOutput', stack.output())
  project.provide('stackFolder', folder)
  return async () => {
    const code = await stack.stop()
    removeStackFolder(folder)
    if (code !== 0) throw new Error(`The stack ended with ${code}:\n${stack.output()}`)
  }
}
