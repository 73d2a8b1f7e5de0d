import { join } from 'node:path'
import { bundleProgram } from '@gen3d/local/lambda/bundle'
import { ROOT } from './steps.ts'

/**
 * A program and its arguments, as a JSON array: the process behind the local endpoint, in place of the preview engine's.
 * It listens on SAGEMAKER_BIND_TO_PORT and finds the bucket by AWS_*, as a container does.
 */
export const ENGINE_COMMAND = 'GEN3D_LOCAL_ENGINE_COMMAND'

type Command = readonly [string, ...string[]]

/** What the local endpoint starts; the preview engine is bundled into `folder` first. */
export async function findEngine(folder: string): Promise<Command> {
  const given = process.env[ENGINE_COMMAND]
  if (given) return parseCommand(given)
  const engine = join(ROOT, 'services', 'inference', 'preview')
  const bundle = await bundleProgram([join(engine, 'server.ts'), join(engine, 'preview-thread.ts')], folder)
  return [process.execPath, '--disable-warning=NodeVersionSupportWarning', join(bundle, 'server.mjs')]
}

/** Throws a sentence that names the variable. */
export function parseCommand(text: string): Command {
  const wrong = () => new Error(`${ENGINE_COMMAND} must be a JSON array of strings, not ${text}.`)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw wrong()
  }
  if (!Array.isArray(value) || value.length === 0 || value.some((part) => typeof part !== 'string'))
    throw wrong()
  return value as unknown as Command
}
