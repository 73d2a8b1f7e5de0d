import { type Account, openAccount } from '@gen3d/aws/admin/account'
import type { Arguments, Options } from '../arguments.ts'
import { CliError, usageError } from '../errors.ts'
import type { Terminal } from '../terminal.ts'

export const PLACE_OPTIONS = {
  stage: { value: 'NAME', help: 'The stage that was deployed, such as prod.' },
  region: { value: 'REGION', help: 'Default: AWS_REGION, else us-east-1.' },
  profile: { value: 'NAME', help: 'Of ~/.aws. Default: AWS_PROFILE, else the environment.' },
} as const satisfies Options

export interface Place {
  readonly stage: string
  readonly region: string
  /** Of ~/.aws, when one was named. */
  readonly profile?: string
  readonly account: Account
}

/** Where an admin command works; said before anything is done, since both are easily taken for others. */
export function openPlace(args: Arguments, terminal: Terminal): Place {
  const stage = args.get('stage')
  if (!stage) throw usageError('Name the stage: --stage prod.')
  const region =
    args.get('region') ?? terminal.env.AWS_REGION ?? terminal.env.AWS_DEFAULT_REGION ?? 'us-east-1'
  const profile = args.get('profile') ?? terminal.env.AWS_PROFILE
  terminal.note(`Stage ${stage}, region ${region}, profile ${profile ?? 'of the environment'}`)
  return { stage, region, profile, account: openAccount({ region, profile }) }
}

/** The outputs of one of the stage's stacks. */
export async function outputsOf(
  { stage, region, account }: Place,
  service: string,
): Promise<Readonly<Record<string, string>>> {
  const outputs = await account.stackOutputs(`gen3d-${service}-${stage}`)
  if (outputs) return outputs
  throw new CliError(
    `Stage ${stage} is not deployed in ${region}. Deploy it, or name its region with --region.`,
  )
}
