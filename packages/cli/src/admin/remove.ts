import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CliError } from '../errors.ts'
import { ask } from '../prompt.ts'
import type { Terminal } from '../terminal.ts'
import type { Place } from './deployed.ts'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const SERVICES = ['web', 'notify', 'api', 'inference', 'foundation'] as const

/** What a removal takes away and what it leaves, for people. */
async function describeRemoval({ stage, account }: Place): Promise<{ text: string; standing: string[] }> {
  const outputs = await Promise.all(
    SERVICES.map((service) => account.stackOutputs(`gen3d-${service}-${stage}`)),
  )
  const standing = SERVICES.filter((_, i) => outputs[i])
  const foundation = outputs[SERVICES.indexOf('foundation')]
  const inference = outputs[SERVICES.indexOf('inference')]
  const kept = [
    foundation && `bucket ${foundation.BucketName}, with everybody’s photos and objects`,
    foundation && `table ${foundation.TableName}, user pool ${foundation.UserPoolId}`,
    inference && `images in ${inference.RepositoryUri}`,
  ].filter(Boolean)
  const lines = [
    'Goes:',
    ...standing.map((service) => `  stack gen3d-${service}-${stage}`),
    'Is kept, and goes on costing for its storage:',
    ...kept.map((one) => `  ${one}`),
    'docs/operations/remove.md says how to delete that too.',
  ]
  return { text: lines.join('\n'), standing: [...standing] }
}

/** Asks for the stage's name, then removes every stack of it. */
export async function removeDeployment(
  place: Place,
  confirmed: string | undefined,
  terminal: Terminal,
  root = ROOT,
): Promise<void> {
  const { text, standing } = await describeRemoval(place)
  if (standing.length === 0)
    throw new CliError(`Nothing of stage ${place.stage} is deployed in ${place.region}.`)
  terminal.note(text)
  const answer =
    confirmed ??
    (await ask(terminal, `Type the stage's name to remove it: `, {
      instead: `Confirm with --confirm ${place.stage}.`,
    }))
  if (answer !== place.stage) throw new CliError('Nothing was removed: the name is another.')
  await runServerless(['remove', '--stage', place.stage], place, terminal, root)
}

async function runServerless(
  args: readonly string[],
  { region, profile }: Place,
  terminal: Terminal,
  root: string,
): Promise<void> {
  const script = join(ROOT, 'node_modules', 'serverless', 'bin', 'serverless.js')
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    // Compose starts `serverless` by its name, and knows neither --region nor --profile.
    env: {
      ...terminal.env,
      AWS_REGION: region,
      ...(profile ? { AWS_PROFILE: profile } : {}),
      PATH: `${ROOT}node_modules/.bin${process.platform === 'win32' ? ';' : ':'}${terminal.env.PATH}`,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
    signal: terminal.signal,
  })
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (value) => resolve(value ?? 1))
  })
  if (code !== 0)
    throw new CliError('Not everything was removed; the lines above say why. The command can be run again.')
}
