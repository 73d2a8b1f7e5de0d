/** Names of resources, environment variables and headers: one home, used by code, templates' tests and the local stack. */
export const RESOURCES = {
  bucket: 'gen3d-data-bucket',
  table: 'Gen3DJobsTable',
  userIndex: 'user-index',
  sweepIndex: 'sweep-index',
  userPool: 'Gen3DUserPool',
  userPoolClient: 'Gen3DWebAppClient',
  identityPool: 'Gen3DIdentityPool',
  wrapperFunction: 'Gen3DWrapperLambda',
  notifyFunction: 'Gen3DNotifyLambda',
  previewFunction: 'Gen3DPreviewLambda',
  api: 'gen3d-api',
  endpoint: 'gen3d-sam3-sam3d-endpoint',
  repository: 'gen3d-sagemaker',
  wrapperRole: 'Gen3DLambdaWrapperRole',
  notifyRole: 'Gen3DLambdaNotifyRole',
  sageMakerRole: 'Gen3DSageMakerExecutionRole',
  cognitoRole: 'Gen3DCognitoAuthRole',
} as const

/** `prod` carries the plain names; every other stage a suffix, so that stages share an account. */
export function resourceName(resource: keyof typeof RESOURCES, stage: string): string {
  return stage === 'prod' ? RESOURCES[resource] : `${RESOURCES[resource]}-${stage}`
}

export const ENV = {
  stage: 'GEN3D_STAGE',
  bucket: 'GEN3D_BUCKET',
  table: 'GEN3D_TABLE',
  userPoolId: 'GEN3D_USER_POOL_ID',
  /** scheme://host[:port] of the page: CORS. */
  siteOrigin: 'GEN3D_SITE_ORIGIN',
  /** Address of the page's index: links in mails are SITE_URL#/sessions/SID. */
  siteUrl: 'GEN3D_SITE_URL',
  /** The engine's name: `preview` or `sam3d`. */
  engine: 'GEN3D_ENGINE',
  /** `sagemaker:ENDPOINT` or `lambda:FUNCTION`. */
  inferenceTarget: 'GEN3D_INFERENCE_TARGET',
  maxJobsPerDay: 'GEN3D_MAX_JOBS_PER_DAY',
  maxJobsInFlight: 'GEN3D_MAX_JOBS_IN_FLIGHT',
  maxGpuSecondsPerMonth: 'GEN3D_MAX_GPU_SECONDS_PER_MONTH',
  requestTtlSeconds: 'GEN3D_REQUEST_TTL_SECONDS',
  /** How long one call of the engine may run: its process stops it then. */
  engineTimeoutSeconds: 'GEN3D_ENGINE_TIMEOUT_SECONDS',
  /** Jobs that one machine takes at a time; it works on one and queues the others. */
  inFlightPerInstance: 'GEN3D_IN_FLIGHT_PER_INSTANCE',
  /** Address that the engine's process listens on: 0.0.0.0 in a container. */
  engineHost: 'GEN3D_ENGINE_HOST',
  /** SageMaker's own name for the port of its containers. */
  enginePort: 'SAGEMAKER_BIND_TO_PORT',
  /** US dollars an hour of one instance; empty: not shown. */
  instanceUsdPerHour: 'GEN3D_INSTANCE_USD_PER_HOUR',
  /** Sender of mails; empty: no mails. */
  mailFrom: 'GEN3D_MAIL_FROM',
  mailOperator: 'GEN3D_MAIL_OPERATOR',
  mailConfigurationSet: 'GEN3D_MAIL_CONFIGURATION_SET',
  /** `invitation`, `domain` or `open`. */
  signUp: 'GEN3D_SIGN_UP',
  signUpDomains: 'GEN3D_SIGN_UP_DOMAINS',
} as const

export const HEADERS = {
  idempotencyKey: 'Idempotency-Key',
  retryAfter: 'Retry-After',
  requestId: 'X-Request-Id',
} as const

/** The page's hash route of a share link: what stands behind # reaches no server and no log. */
export function sharedRoute(token: string): string {
  return `#/shared/${token}`
}

/** The page's hash route for a session: what mails link to. */
export function sessionRoute(sessionId: string): string {
  return `#/sessions/${sessionId}`
}
