/** What the framework cannot say in YAML, put into the compiled template. */
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
    readonly provider: { readonly compiledCloudFormationTemplate: Template }
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
  if (finish.ownStage) {
    for (const { Type, Properties } of Object.values(template.Resources)) {
      if (Type === 'AWS::ApiGateway::Deployment') delete Properties?.StageName
    }
  }
}

const BESIDE_A_FUNCTION = ['LambdaFunction', 'LogGroup', 'LambdaEvConf']

function putCondition({ Resources, Outputs }: Template, prefix: string, condition: string): void {
  for (const rest of BESIDE_A_FUNCTION) {
    const resource = Resources[`${prefix}${rest}`]
    if (resource) resource.Condition = condition
  }
  const output = Outputs[`${prefix}LambdaFunctionArn`]
  if (output) output.Condition = condition
}
