import { pathToFileURL } from 'node:url'
import { checkParameters } from './parameters.ts'
import { readParameters } from './read-parameters.ts'

/** What the framework hands to a plugin, as far as it is used here. */
export interface Serverless {
  readonly serviceDir: string
  readonly service: { readonly provider: { readonly stage: string } }
  readonly classes: { readonly Error: new (message: string, code: string) => Error }
}

/** Throws the framework's own error with one line for each parameter that does not fit. */
export function checkService(serverless: Serverless, options: { readonly param?: readonly string[] }): void {
  const { stage } = serverless.service.provider
  // The file that the service itself reads.
  const file = new URL('../../deploy/parameters.yml', pathToFileURL(`${serverless.serviceDir}/`))
  const faults = checkParameters(readParameters(file, stage, options.param), stage)
  if (faults.length === 0) return
  const title = faults.length === 1 ? 'A parameter does not fit' : `${faults.length} parameters do not fit`
  throw new serverless.classes.Error(
    `Nothing was deployed. ${title}:\n${faults.map((fault) => `- ${fault}`).join('\n')}\nThe parameters stand in deploy/parameters.yml.`,
    'GEN3D_WRONG_PARAMETER',
  )
}
