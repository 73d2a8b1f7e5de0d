/** What a use case is handed: its ports and the deployment's settings. Each names the part that it needs. */
import type { EngineName } from '@gen3d/shared/engines'
import type {
  Accounts,
  Clock,
  EndpointObserver,
  FactStore,
  InferenceEndpoint,
  JobStore,
  LimitStore,
  Log,
  Mailer,
  NewUlid,
  ObjectStore,
  SessionStore,
} from './ports.ts'

export interface Settings {
  readonly bucket: string
  readonly engine: EngineName
  readonly maxJobsPerDay: number
  readonly maxJobsInFlight: number
  readonly maxGpuSecondsPerMonth: number
  /** How long a job may wait for a machine. */
  readonly requestTtlSeconds: number
  /** How long the engine may work on a job. */
  readonly engineTimeoutSeconds: number
  /** Jobs that a machine takes at a time, of which it works on one. */
  readonly inFlightPerInstance: number
  /** Null: no cost is shown. */
  readonly instanceUsdPerHour: number | null
  readonly mailEnabled: boolean
  readonly mailOperator: string | null
  /** Address of the page's index. */
  readonly siteUrl: string
}

export interface World {
  readonly jobs: JobStore
  readonly sessions: SessionStore
  readonly limits: LimitStore
  readonly facts: FactStore
  readonly objects: ObjectStore
  readonly endpoint: InferenceEndpoint
  readonly observer: EndpointObserver
  readonly mailer: Mailer
  readonly accounts: Accounts
  readonly clock: Clock
  readonly newUlid: NewUlid
  readonly log: Log
  readonly settings: Settings
}

/** Who calls: from the claims of a verified ID token. */
export interface Caller {
  readonly sub: string
  /** The user pool's name of the account. */
  readonly username: string
  /** Null unless verified. */
  readonly email: string | null
}
