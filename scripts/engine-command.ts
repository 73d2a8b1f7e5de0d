import { join } from 'node:path'
import { bundleProgram } from '@gen3d/local/lambda/bundle'
import { ENGINES, type EngineName, isEngineName } from '@gen3d/shared/engines'
import { ROOT } from './steps.ts'

/**
 * A program and its arguments, as a JSON array: the process behind the local endpoint, in place of the preview engine's.
 * It listens on SAGEMAKER_BIND_TO_PORT and finds the bucket by AWS_*, as a container does.
 */
export const ENGINE_COMMAND = 'GEN3D_LOCAL_ENGINE_COMMAND'
/** Which engine that process is, to the API: its formats, its objects a job, its time-outs. */
export const ENGINE_NAME = 'GEN3D_LOCAL_ENGINE'

type Command = readonly [string, ...string[]]

export interface LocalEngine {
  readonly name: EngineName
  readonly command: Command
}

/** What the local endpoint starts; the preview engine is bundled into `folder` first. */
export async function findEngine(folder: string): Promise<LocalEngine> {
  const given = readEngine(process.env)
  if (given) return given
  const engine = join(ROOT, 'services', 'inference', 'preview')
  const bundle = await bundleProgram([join(engine, 'server.ts'), join(engine, 'preview-thread.ts')], folder)
  return {
    name: 'preview',
    command: [process.execPath, '--disable-warning=NodeVersionSupportWarning', join(bundle, 'server.mjs')],
  }
}

/** The engine that the environment names; null: the preview engine of this repository. Throws a sentence with the variable. */
export function readEngine(env: Readonly<Record<string, string | undefined>>): LocalEngine | null {
  const name = env[ENGINE_NAME] || null
  const command = env[ENGINE_COMMAND] || null
  const known = Object.keys(ENGINES).join(', ')
  if (name !== null && !isEngineName(name))
    throw new Error(`${ENGINE_NAME} must be one of ${known}, not ${name}.`)
  if (command !== null && name === null)
    throw new Error(`Set ${ENGINE_NAME}, too, to what ${ENGINE_COMMAND} starts: one of ${known}.`)
  if (command !== null && name !== null) return { name, command: parseCommand(command) }
  if (name !== null && name !== 'preview')
    throw new Error(`Set ${ENGINE_COMMAND}, too: how to start ${name} here.`)
  return null
}

function parseCommand(text: string): Command {
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
