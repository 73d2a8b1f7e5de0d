/** What the framework cannot say in YAML, put into the compiled template. */
import { createHash } from 'node:crypto'

interface Resource {
  readonly Type: string
  Condition?: string
  readonly Properties?: Record<string, unknown>
}

interface Template {
  readonly Resources: Record<string, Resource>
  readonly Outputs: Record<string, { Condition?: string }>
}

export interface Service {
  readonly service: {
    readonly provider: { compiledCloudFormationTemplate: Template }
  }
  getProvider(name: 'aws'): { readonly naming: { getNormalizedFunctionName(name: string): string } }
}

export interface Finish {
  /** Function -> condition: also its log group and its invoke configuration stand only where the condition holds. */
  readonly conditionalFunctions?: Readonly<Record<string, string>>
  /** The deployment of the REST API makes no stage of its own: the template has one with throttling and logs. */
  readonly ownStage?: boolean
}

export function finishTemplate(serverless: Service, finish: Finish): void {
  const template = serverless.service.provider.compiledCloudFormationTemplate
  const { naming } = serverless.getProvider('aws')
  for (const [name, condition] of Object.entries(finish.conditionalFunctions ?? {})) {
    putCondition(template, naming.getNormalizedFunctionName(name), condition)
  }
  if (finish.ownStage) ownStage(serverless.service.provider)
}

/**
 * The framework names the API's deployment anew each time, so that a stage of our own would change with every deploy.
 * Named by what it deploys, it changes only when the API does.
 */
function ownStage(provider: Service['service']['provider']): void {
  const { Resources } = provider.compiledCloudFormationTemplate
  const [generated] = Object.keys(Resources).filter(
    (id) => Resources[id].Type === 'AWS::ApiGateway::Deployment',
  )
  const deployed = Object.entries(Resources)
    .filter(([id, { Type }]) => id !== generated && DEPLOYED.test(Type))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  const hash = createHash('sha256').update(JSON.stringify(deployed)).digest('hex').slice(0, 16)
  delete Resources[generated].Properties?.StageName
  const text = JSON.stringify(provider.compiledCloudFormationTemplate)
  const renamed = [generated, MARK].reduce(
    (all, name) => all.replaceAll(`"${name}"`, `"ApiGatewayDeployment${hash}"`),
    text,
  )
  provider.compiledCloudFormationTemplate = JSON.parse(renamed)
}

/** What services/api/resources/stage.yml calls the deployment, whose name is not known there. */
const MARK = 'ApiGatewayDeployment'

/** Parts of an API that only a new deployment brings to its stage. */
const DEPLOYED =
  /^AWS::ApiGateway::(RestApi|Resource|Method|Authorizer|GatewayResponse|RequestValidator|Model)$/

const BESIDE_A_FUNCTION = ['LambdaFunction', 'LogGroup', 'LambdaEvConf']

function putCondition({ Resources, Outputs }: Template, prefix: string, condition: string): void {
  for (const rest of BESIDE_A_FUNCTION) {
    const resource = Resources[`${prefix}${rest}`]
    if (resource) resource.Condition = condition
  }
  const output = Outputs[`${prefix}LambdaFunctionArn`]
  if (output) output.Condition = condition
}
