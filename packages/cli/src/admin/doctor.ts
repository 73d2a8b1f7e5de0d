/** Looks at a deployment from the outside in, and says of each thing that it is fine, or the one thing to do. */
import type { Operator } from '@gen3d/aws/admin/operator'
import { readSiteConfig } from '@gen3d/shared/site-config'

export interface Finding {
  readonly check: string
  readonly ok: boolean
  readonly text: string
  /** The one thing to do, where something is wrong; a hint where it is fine. */
  readonly todo?: string
}

export interface Outside {
  /** GET; null when nothing answers. */
  get(url: string): Promise<{ readonly status: number; readonly text: string } | null>
  /** A job of a signed-in person to its end; null when no account was named. */
  readonly smoke: (() => Promise<string>) | null
}

type Outputs = Readonly<Record<string, string>>
const SERVICES = ['foundation', 'inference', 'api', 'notify', 'web'] as const

export async function examine(operator: Operator, outside: Outside): Promise<Finding[]> {
  const { stage, region } = operator
  const options = `--stage ${stage} --region ${region}`
  const deploy = deployCommand(stage, region)
  const fine = (check: string, text: string, todo?: string): Finding => ({ check, ok: true, text, todo })
  const wrong = (check: string, text: string, todo: string): Finding => ({ check, ok: false, text, todo })
  const say: Say = { fine, wrong, options, deploy }

  const findings: Finding[] = []
  let account: string
  try {
    const identity = await operator.identity()
    account = identity.account
    findings.push(fine('credentials', `${identity.arn} in ${region}`))
  } catch (error) {
    const text = `AWS does not take them: ${(error as Error).message}`
    return [wrong('credentials', text, 'Sign in again (aws sso login), or name others with --profile.')]
  }

  const stacks = await Promise.all(SERVICES.map((service) => operator.outputs(service)))
  const [foundation, inference, api, notify, web] = stacks
  const missing = SERVICES.filter((_, i) => !stacks[i])
  if (!foundation) {
    const suffix = region === 'us-east-1' ? '' : `-${region}`
    const name = `gen3d-data-bucket-${account}-${stage}${suffix}`
    const state = await operator.bucketState(name)
    findings.push(
      wrong(
        'region',
        `stage ${stage} is not deployed in ${region}`,
        `Name its region with --region, or deploy: ${deploy}`,
      ),
      state === 'free'
        ? fine('bucket name', `${name} is free`)
        : wrong(
            'bucket name',
            describeTaken(name, state),
            'Set bucketName in deploy/parameters.yml to another name, then deploy.',
          ),
    )
    return findings
  }
  findings.push(
    missing.length === 0
      ? fine('stacks', 'all five are deployed')
      : wrong('stacks', `${missing.join(', ')} not deployed`, `Deploy again: ${deploy}`),
  )
  const bucket = await operator.bucketState(foundation.BucketName)
  findings.push(
    bucket === 'ours'
      ? fine('bucket', foundation.BucketName)
      : wrong(
          'bucket',
          describeTaken(foundation.BucketName, bucket),
          `Set another bucketName in deploy/parameters.yml, then: ${deploy}`,
        ),
  )
  if (web && inference) findings.push(...(await examineEngine(operator, web, inference, say)))
  if (notify) findings.push(...(await examineMail(operator, notify, say)))
  if (web) findings.push(...(await examineSite(outside, web, say)))
  if (api) findings.push(await examineApi(outside, api, say))
  if (notify) {
    const count = await operator.messagesIn(notify.DeadLettersUrl)
    findings.push(
      count === 0
        ? fine('dead letters', 'none')
        : wrong(
            'dead letters',
            `${count} events could not be handled`,
            `Read them (aws sqs receive-message --queue-url ${notify.DeadLettersUrl}), mend the cause, then purge the queue.`,
          ),
    )
  }
  findings.push(await examineJob(outside, say))
  return findings
}

/** At the root, Compose takes the region from the environment only. */
function deployCommand(stage: string, region: string): string {
  const command = `sls deploy --stage ${stage}`
  return region === 'us-east-1' ? command : `${command}, with AWS_REGION set to ${region}`
}

interface Say {
  fine(check: string, text: string, todo?: string): Finding
  wrong(check: string, text: string, todo: string): Finding
  readonly options: string
  /** The command that deploys this stage here. */
  readonly deploy: string
}

function describeTaken(name: string, state: string): string {
  if (state === 'free') return `${name} does not exist`
  if (state === 'ours') return `${name} exists already (kept from an earlier deployment?)`
  return state === 'elsewhere' ? `${name} lies in another region` : `${name} belongs to somebody else`
}

async function examineEngine(
  operator: Operator,
  web: Outputs,
  inference: Outputs,
  say: Say,
): Promise<Finding[]> {
  const { fine, wrong, options, deploy } = say
  if (web.Engine !== 'sam3d') return [fine('engine', 'preview: no quota, image or weights are needed')]
  const [quota, image, weights] = await Promise.all([
    operator.endpointQuota(inference.InstanceType),
    operator.recorded('image-uri'),
    operator.recorded('weights'),
  ])
  const findings = [
    quota
      ? fine('quota', `${quota} of ${inference.InstanceType} for endpoints`)
      : wrong(
          'quota',
          `no ${inference.InstanceType} may run as an endpoint`,
          `Ask for it: Service Quotas, Amazon SageMaker, "${inference.InstanceType} for endpoint usage", ${operator.region}. Use engine: preview until then.`,
        ),
    image !== 'none'
      ? fine('image', image)
      : wrong('image', 'the container has not been built', `gen3d admin image ${options}, then ${deploy}`),
    weights !== 'none'
      ? fine('weights', `SHA-256 ${weights.slice(0, 12)}…`)
      : wrong('weights', 'there are none in the bucket', `gen3d admin weights ${options}, then ${deploy}`),
  ]
  if (!inference.EndpointName) {
    if (findings.every(({ ok }) => ok)) findings.push(wrong('endpoint', 'not deployed yet', `${deploy}`))
    return findings
  }
  const endpoint = await operator.endpoint(inference.EndpointName)
  const works = endpoint && ['InService', 'Updating', 'Creating'].includes(endpoint.status)
  const { EndpointConfigName: deployed } = inference
  if (endpoint?.status === 'InService' && deployed && endpoint.configuration !== deployed) {
    // SageMaker goes back to the configuration before when the new container fails, and says InService all the same.
    findings.push(
      wrong(
        'endpoint',
        `runs ${endpoint.configuration}, not ${deployed}: it went back to the deploy before`,
        `Read the log group /aws/sagemaker/Endpoints/${inference.EndpointName}, mend the cause, then: ${deploy}`,
      ),
    )
    return findings
  }
  findings.push(
    works
      ? fine('endpoint', endpoint.status)
      : wrong(
          'endpoint',
          endpoint ? `${endpoint.status}: ${endpoint.reason}` : 'gone',
          `Read the log group /aws/sagemaker/Endpoints/${inference.EndpointName}, mend the cause, then: ${deploy}`,
        ),
  )
  return findings
}

async function examineMail(operator: Operator, notify: Outputs, { fine, wrong }: Say): Promise<Finding[]> {
  if (!notify.MailFrom) return [fine('mail', 'none is sent (mailFrom is empty)')]
  const identity = notify.MailIdentity || notify.MailFrom
  if (!(await operator.mailVerified(identity)))
    return [
      wrong(
        'mail',
        `SES has not verified ${identity}`,
        'Answer SES’s mail, or set the DKIM records of the SES console at your DNS.',
      ),
    ]
  if (await operator.mailSandbox())
    return [
      wrong(
        'mail',
        'SES is in its sandbox: only verified addresses get mail',
        'Ask for production access: SES console, Account dashboard.',
      ),
    ]
  return [fine('mail', `from ${notify.MailFrom}`)]
}

async function examineSite(outside: Outside, web: Outputs, { fine, wrong, deploy }: Say): Promise<Finding[]> {
  const again = `Publish it again: ${deploy}`
  const page = await outside.get(web.SiteUrl)
  if (page?.status !== 200)
    return [wrong('site', `${web.SiteUrl} answers ${page?.status ?? 'nothing'}`, again)]
  const insecure = web.SiteUrl.startsWith('http://')
    ? 'Plain http: passwords cross the net unencrypted. Set cloudfront: "true".'
    : undefined
  const findings = [fine('site', web.SiteUrl, insecure)]
  const config = await outside.get(new URL('config.json', web.SiteUrl).href)
  try {
    const { api_url, user_pool_id } = readSiteConfig(
      JSON.parse(config?.status === 200 ? config.text : 'null'),
    )
    findings.push(
      user_pool_id === web.UserPoolId
        ? fine('config.json', `names ${api_url}`)
        : wrong('config.json', 'is of another deployment', again),
    )
  } catch {
    findings.push(wrong('config.json', 'is missing or not a configuration', again))
  }
  return findings
}

async function examineApi(outside: Outside, api: Outputs, { fine, wrong, deploy }: Say): Promise<Finding> {
  const answer = await outside.get(`${api.ApiUrl}/capabilities`)
  return answer?.status === 401
    ? fine('API', `${api.ApiUrl} asks for a token`)
    : wrong(
        'API',
        `${api.ApiUrl}/capabilities answers ${answer?.status ?? 'nothing'} where 401 is expected`,
        `Deploy it again: ${deploy}`,
      )
}

async function examineJob({ smoke }: Outside, { fine, wrong, options }: Say): Promise<Finding> {
  if (!smoke)
    return fine(
      'job',
      'not tried',
      `Name an account to try one: gen3d admin doctor ${options} --email ADDRESS --password-stdin`,
    )
  try {
    return fine('job', await smoke())
  } catch (error) {
    return wrong(
      'job',
      (error as Error).message,
      'Look at the dashboard gen3d and at the log of Gen3DWrapperLambda.',
    )
  }
}
