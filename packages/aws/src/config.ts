/** The environment of a Lambda, read once and checked by name: a wrong value stops the cold start, not the tenth job. */
import type { Settings } from '@gen3d/jobs/world'
import { ENGINES, isEngineName } from '@gen3d/shared/engines'
import { ENV } from '@gen3d/shared/names'

export interface Config {
  readonly settings: Settings
  readonly table: string
  /** `name` of the SageMaker endpoint or of the engine's Lambda. */
  readonly inference: { readonly kind: 'sagemaker' | 'lambda'; readonly name: string }
  /** Null: no mails. */
  readonly mailFrom: string | null
  readonly mailConfigurationSet: string | null
}

type Environment = Readonly<Record<string, string | undefined>>

class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Throws an error that names the variable. */
export function readVariable(env: Environment, name: string): string {
  const value = env[name]
  if (!value) throw new ConfigError(`The environment variable ${name} is missing.`)
  return value
}

function wholeNumber(env: Environment, name: string): number {
  const value = readVariable(env, name)
  if (!/^\d{1,12}$/.test(value)) throw new ConfigError(`${name} must be a whole number, not "${value}".`)
  return Number(value)
}

function toEngine(env: Environment): Settings['engine'] {
  const name = readVariable(env, ENV.engine)
  if (isEngineName(name)) return name
  throw new ConfigError(`${ENV.engine} must be one of ${Object.keys(ENGINES).join(', ')}, not "${name}".`)
}

function toInference(env: Environment): Config['inference'] {
  const target = readVariable(env, ENV.inferenceTarget)
  const [, kind, name] = /^(sagemaker|lambda):(.+)$/.exec(target) ?? []
  if (name) return { kind: kind as 'sagemaker' | 'lambda', name }
  throw new ConfigError(
    `${ENV.inferenceTarget} must be sagemaker:ENDPOINT or lambda:FUNCTION, not "${target}".`,
  )
}

function toUsd(env: Environment): number | null {
  const value = env[ENV.instanceUsdPerHour]
  if (!value) return null
  const usd = Number(value)
  if (!(usd > 0)) throw new ConfigError(`${ENV.instanceUsdPerHour} must be a number of dollars or empty.`)
  return usd
}

/** Throws an error that names the variable at fault. */
export function readConfig(env: Environment): Config {
  return {
    settings: {
      bucket: readVariable(env, ENV.bucket),
      engine: toEngine(env),
      maxJobsPerDay: wholeNumber(env, ENV.maxJobsPerDay),
      maxJobsInFlight: wholeNumber(env, ENV.maxJobsInFlight),
      maxGpuSecondsPerMonth: wholeNumber(env, ENV.maxGpuSecondsPerMonth),
      requestTtlSeconds: wholeNumber(env, ENV.requestTtlSeconds),
      engineTimeoutSeconds: wholeNumber(env, ENV.engineTimeoutSeconds),
      inFlightPerInstance: wholeNumber(env, ENV.inFlightPerInstance),
      instanceUsdPerHour: toUsd(env),
      mailEnabled: Boolean(env[ENV.mailFrom]),
      mailOperator: env[ENV.mailOperator] || null,
      siteUrl: readVariable(env, ENV.siteUrl),
    },
    table: readVariable(env, ENV.table),
    inference: toInference(env),
    mailFrom: env[ENV.mailFrom] || null,
    mailConfigurationSet: env[ENV.mailConfigurationSet] || null,
  }
}
