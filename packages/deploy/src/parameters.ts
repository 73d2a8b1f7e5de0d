/** The ranges of deploy/parameters.yml. A wrong value is named before anything is deployed. */
import { invocationSeconds, MAX_INVOCATION_SECONDS, maxObjects } from '@gen3d/shared/engine-time'
import { ENGINES, engineFacts, isEngineName } from '@gen3d/shared/engines'
import { SIGN_UP_MODES } from '@gen3d/shared/site-config'
import { addressList, domainList, flag, oneOf, pattern, type Rule, text, whole, yearOfLogs } from './rules.ts'

export type Parameters = Readonly<Record<string, unknown>>

const derived: Rule = () => null

/** Every parameter with its range; a value that only AWS can fill (`Fn::…`) is left to AWS. */
const RULES: Readonly<Record<string, Rule>> = {
  engine: oneOf(Object.keys(ENGINES)),
  bucketName: pattern(/^(?!xn--)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/, '3 to 63 of a-z, 0-9 and the dash'),
  billingMode: oneOf(['PROVISIONED', 'PAY_PER_REQUEST']),
  cloudfront: flag,
  siteOrigin: pattern(/^https?:\/\/[^/\s]+$/, 'scheme://host without a path, such as https://3d.example.com'),
  siteUrl: pattern(/^https?:\/\/[^\s]+\/$/, 'an address that ends with a slash'),
  signUp: oneOf(SIGN_UP_MODES),
  signUpDomains: domainList,
  mfa: oneOf(['OFF', 'OPTIONAL']),
  maxJobsPerDay: whole(1, 100_000),
  maxJobsInFlight: whole(1, 100),
  maxGpuSecondsPerMonth: whole(60, 100_000_000),
  requestTtlSeconds: whole(60, 21_600),
  engineTimeoutSeconds: whole(1, MAX_INVOCATION_SECONDS),
  inFlightPerInstance: whole(1, 16),
  instanceUsdPerHour: pattern(/^(\d{1,3}(\.\d{1,4})?)?$/, 'dollars such as 1.515, or empty'),
  mailFrom: addressList(1),
  mailIdentity: pattern(/^([^\s@]+@)?[a-z0-9.-]+\.[a-z]{2,}$|^$/i, 'an address, a domain or empty'),
  accountMails: oneOf(['COGNITO', 'SES']),
  mailOperator: addressList(1),
  tracing: flag,
  waf: flag,
  apiGatewayLogRole: flag,
  logDays: yearOfLogs,
  monthlyBudgetUsd: whole(0, 1_000_000),
  previewMemoryMb: whole(1024, 10_240),
  instanceType: pattern(/^ml\.(g|p)\d\w*\.\w+$/, 'a GPU type such as ml.g5.2xlarge'),
  instanceFallback: flag,
  instancePools: (value) => pools(value),
  maxInstances: whole(1, 20),
  backlogPerInstance: (value) =>
    Number(value) >= 1 && Number(value) <= 100 ? null : 'must be a number from 1 to 100',
  idleMinutes: whole(2, 60),
  inferenceAmiVersion: pattern(/^al2\w*-ami-sagemaker-inference-gpu-[\d-]+$/, 'an inference AMI for GPUs'),
  preflightOrigin: text,
  userPoolId: derived,
  userPoolArn: derived,
  alarmTopicArn: derived,
  inferenceTarget: pattern(/^(sagemaker|lambda):\S+$/, 'sagemaker:ENDPOINT or lambda:FUNCTION'),
}

export const PARAMETER_NAMES = Object.keys(RULES)

/** One sentence for each fault; empty when the deployment may go ahead. */
export function checkParameters(params: Parameters, stage: string): string[] {
  const faults = Object.entries(params).flatMap(([name, value]) => {
    if (!Object.hasOwn(RULES, name)) return [`There is no parameter "${name}".${nearest(name)}`]
    const fault = isIntrinsic(value) ? null : RULES[name](value)
    return fault ? [`${name} ${fault}, not ${JSON.stringify(value)}.`] : []
  })
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage)) {
    faults.push(
      `The stage must be 1 to 20 of a-z, 0-9 and the dash, beginning with a letter, not "${stage}".`,
    )
  }
  return faults.length > 0 ? faults : checkTogether(params)
}

/** What fits alone, but not together. */
function checkTogether(params: Parameters): string[] {
  const faults: string[] = []
  const is = (name: string, value: string) => String(params[name] ?? '') === value
  const empty = (name: string) => is(name, '')
  if (is('signUp', 'domain') && empty('signUpDomains'))
    faults.push('signUpDomains is empty, but signUp is domain: name the domains.')
  if (is('accountMails', 'SES') && empty('mailFrom'))
    faults.push('mailFrom is empty, but accountMails is SES: name the verified sender.')
  if (!empty('mailIdentity') && !matchesIdentity(String(params.mailFrom), String(params.mailIdentity)))
    faults.push('mailFrom does not belong to mailIdentity: it must be that address, or one of that domain.')
  if (Number(params.monthlyBudgetUsd) > 0 && empty('mailOperator'))
    faults.push('mailOperator is empty, but monthlyBudgetUsd is not 0: name who is to be warned.')
  faults.push(...checkTimes(params))
  if (
    typeof params.siteOrigin === 'string' &&
    typeof params.siteUrl === 'string' &&
    !params.siteUrl.startsWith(`${params.siteOrigin}/`)
  )
    faults.push('siteUrl does not begin with siteOrigin.')
  if (typeof params.siteOrigin !== typeof params.siteUrl)
    faults.push('siteOrigin and siteUrl go together: set both or none.')
  return faults
}

/** Whether the engine can make one object in its time, and SageMaker wait for all that a machine takes. */
function checkTimes(params: Parameters): string[] {
  const engine = String(params.engine)
  const seconds = Number(params.engineTimeoutSeconds)
  const inFlight = Number(params.inFlightPerInstance)
  if (!isEngineName(engine)) return []
  const faults: string[] = []
  if (maxObjects(engine, seconds) < 1)
    faults.push(
      `engineTimeoutSeconds is below ${engineFacts(engine).secondsPerObject}, what ${engine} may need for one object.`,
    )
  if (engine === 'preview' && seconds > 900)
    faults.push('engineTimeoutSeconds is above 900, the most that the preview engine’s Lambda may run.')
  if (engine !== 'preview' && invocationSeconds(inFlight, seconds) > MAX_INVOCATION_SECONDS)
    faults.push(
      `inFlightPerInstance x engineTimeoutSeconds is ${invocationSeconds(inFlight, seconds)}, above the ${MAX_INVOCATION_SECONDS} s ` +
        'that SageMaker waits for an answer: lower one of them.',
    )
  return faults
}

function matchesIdentity(from: string, identity: string): boolean {
  const address = from.toLowerCase()
  const wanted = identity.toLowerCase()
  return address === wanted || address.endsWith(`@${wanted}`) || address.endsWith(`.${wanted}`)
}

function pools(value: unknown): string | null {
  const wanted = 'must be a list of 1 to 5 of { InstanceType, Priority }, each priority once'
  if (!Array.isArray(value) || value.length < 1 || value.length > 5) return wanted
  const priorities = new Set(value.map((pool) => pool?.Priority))
  const fine = value.every(
    (pool) => /^ml\.\w+\.\w+$/.test(pool?.InstanceType) && Number.isInteger(pool?.Priority),
  )
  return fine && priorities.size === value.length ? null : wanted
}

function isIntrinsic(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function nearest(name: string): string {
  const lower = name.toLowerCase()
  const near = PARAMETER_NAMES.find((known) => {
    const other = known.toLowerCase()
    return other.includes(lower) || lower.includes(other) || differences(lower, other) <= 2
  })
  return near ? ` Did you mean ${near}?` : ''
}

/** Letters that stand in only one of the two: enough to catch a slip of the finger. */
function differences(a: string, b: string): number {
  const rest = [...b]
  const missing = [...a].filter((letter) => {
    const at = rest.indexOf(letter)
    if (at < 0) return true
    rest.splice(at, 1)
    return false
  })
  return missing.length + rest.length
}
