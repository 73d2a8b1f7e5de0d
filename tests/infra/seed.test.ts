/** The first deployment's report, row by row: every resource that it names stands in the templates as it says. */
import { beforeAll, expect, test } from 'vitest'
import { render } from './render.ts'
import { allResources, packageTemplates, readTemplate } from './templates.ts'

beforeAll(packageTemplates, 600_000)

const find = (type: string, id?: string) => {
  const found = allResources('prod').filter((one) => one.Type === type && (!id || one.id === id))
  expect(found, `${type} ${id ?? ''}`).toHaveLength(1)
  // biome-ignore lint/suspicious/noExplicitAny: a template's depths have no types; each value is asserted.
  return found[0].Properties as Record<string, any>
}

test('phase 1: the four roles', () => {
  const roles = allResources('prod').filter(({ Type }) => Type === 'AWS::IAM::Role')
  expect(
    roles
      .map(({ Properties }) => Properties.RoleName)
      .filter(Boolean)
      .sort(),
  ).toEqual([
    'Gen3DCognitoAuthRole',
    'Gen3DLambdaNotifyRole',
    'Gen3DLambdaWrapperRole',
    'Gen3DSageMakerExecutionRole',
  ])
})

test('phase 2: the bucket', () => {
  const bucket = find('AWS::S3::Bucket', 'DataBucket')
  expect(bucket).toMatchObject({
    VersioningConfiguration: { Status: 'Suspended' },
    BucketEncryption: {
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
  })
  expect(bucket.WebsiteConfiguration['Fn::If'][1]).toEqual({
    IndexDocument: 'index.html',
    ErrorDocument: 'public/index.html',
  })
  const [cors] = bucket.CorsConfiguration.CorsRules as Record<string, unknown>[]
  expect(cors).toMatchObject({
    AllowedMethods: ['GET', 'HEAD', 'PUT', 'POST'],
    AllowedHeaders: ['*'],
    ExposedHeaders: ['ETag'],
    MaxAge: 3000,
  })
  // The seed allowed every origin.
  expect(render(cors.AllowedOrigins)).toBe(
    '(IsCloudFront? https://<Distribution.DomainName> : http://gen3d-data-bucket-000000000000-prod.s3-website-REGION.amazonaws.com)',
  )
  const rules = bucket.LifecycleConfiguration.Rules as { Prefix?: string; Id: string }[]
  const users = rules.filter(({ Prefix }) => Prefix === 'users/')
  expect(users).toEqual([
    {
      Id: 'users-archive-and-expire',
      Status: 'Enabled',
      Prefix: 'users/',
      // Not GLACIER: a signed GET could not read it.
      Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
      ExpirationInDays: 365,
    },
  ])
  expect(new Set(rules.map(({ Prefix }) => Prefix ?? '')).size).toBe(rules.length)
  expect(rules.map(({ Id }) => Id)).toContain('failures-expire')
  expect(rules.map(({ Id }) => Id)).toContain('abort-incomplete-uploads')
})

test('phase 2: the website’s address is spelled as its region spells it', () => {
  const abroad = allResources('abroad').find(({ id }) => id === 'DataBucket')?.Properties
  expect(JSON.stringify(abroad?.CorsConfiguration)).toContain('.s3-website.$')
})

test('phase 2: only the policy half of Block Public Access is open, and with CloudFront nothing', () => {
  const open = { 'Fn::If': ['IsCloudFront', true, false] }
  expect(find('AWS::S3::Bucket', 'DataBucket').PublicAccessBlockConfiguration).toEqual({
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: open,
    RestrictPublicBuckets: open,
  })
})

test('phase 3: user pool, client and identity pool', () => {
  expect(find('AWS::Cognito::UserPool')).toMatchObject({
    UserPoolName: 'Gen3DUserPool',
    AutoVerifiedAttributes: ['email'],
    MfaConfiguration: 'OFF',
    Policies: {
      PasswordPolicy: {
        MinimumLength: 8,
        RequireUppercase: true,
        RequireLowercase: true,
        RequireNumbers: true,
        RequireSymbols: true,
      },
    },
  })
  expect(find('AWS::Cognito::UserPoolClient')).toMatchObject({
    ClientName: 'Gen3DWebAppClient',
    GenerateSecret: false,
    ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    AccessTokenValidity: 1,
    IdTokenValidity: 1,
    RefreshTokenValidity: 30,
    TokenValidityUnits: { AccessToken: 'hours', IdToken: 'hours', RefreshToken: 'days' },
    PreventUserExistenceErrors: 'ENABLED',
    EnableTokenRevocation: true,
  })
  expect(find('AWS::Cognito::IdentityPool')).toMatchObject({
    IdentityPoolName: 'Gen3DIdentityPool',
    AllowUnauthenticatedIdentities: false,
  })
})

test('phase 3: one-time codes need no SMS', () => {
  const pool = allResources('everything').find(({ Type }) => Type === 'AWS::Cognito::UserPool')?.Properties
  expect(pool?.MfaConfiguration).toBe('OPTIONAL')
  expect(pool?.EnabledMfas).toEqual({ 'Fn::If': ['IsMfa', ['SOFTWARE_TOKEN_MFA'], { Ref: 'AWS::NoValue' }] })
  expect(pool).not.toHaveProperty('SmsConfiguration')
})

test('phase 4: repository, model, configuration, endpoint', () => {
  expect(find('AWS::ECR::Repository')).toMatchObject({
    RepositoryName: 'gen3d-sagemaker',
    ImageTagMutability: 'IMMUTABLE',
    ImageScanningConfiguration: { ScanOnPush: true },
  })
  const config = find('AWS::SageMaker::EndpointConfig')
  expect(config).not.toHaveProperty('EndpointConfigName')
  expect(config.AsyncInferenceConfig).toMatchObject({
    ClientConfig: { MaxConcurrentInvocationsPerInstance: 4 },
  })
  expect(config.ProductionVariants[0]).toMatchObject({
    InstanceType: { 'Fn::If': ['IsPooled', { Ref: 'AWS::NoValue' }, 'ml.g5.2xlarge'] },
    InitialInstanceCount: 1,
    ModelDataDownloadTimeoutInSeconds: 1800,
    ContainerStartupHealthCheckTimeoutInSeconds: 1800,
    InferenceAmiVersion: 'al2-ami-sagemaker-inference-gpu-3-1',
  })
  expect(find('AWS::SageMaker::Model')).not.toHaveProperty('ModelName')
  expect(find('AWS::SageMaker::Model').PrimaryContainer.Image).toEqual({ Ref: 'ImageUri' })
  expect(find('AWS::SageMaker::Endpoint').EndpointName).toBe('gen3d-sam3-sam3d-endpoint')
})

test('phase 4: 0 to 3 machines, cooldowns 600 and 300, a wake-up from zero and a short idle tail', () => {
  const target = find('AWS::ApplicationAutoScaling::ScalableTarget', 'EndpointTarget')
  expect(target).toMatchObject({ MinCapacity: 0, MaxCapacity: 3 })
  expect(target).not.toHaveProperty('RoleARN')
  expect(render(target.ResourceId)).toBe('endpoint/<Endpoint.EndpointName>/variant/AllTraffic')
  const tracking = find('AWS::ApplicationAutoScaling::ScalingPolicy', 'BacklogScaling')
  expect(tracking.TargetTrackingScalingPolicyConfiguration).toMatchObject({
    // A count, not 70 %: 0.7 of four in flight.
    TargetValue: 2.8,
    ScaleInCooldown: 600,
    ScaleOutCooldown: 300,
    CustomizedMetricSpecification: { MetricName: 'ApproximateBacklogSizePerInstance', Statistic: 'Average' },
  })
  const wake = find('AWS::ApplicationAutoScaling::ScalingPolicy', 'WakeScaling')
  expect(wake.StepScalingPolicyConfiguration).toMatchObject({
    AdjustmentType: 'ChangeInCapacity',
    Cooldown: 300,
    StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
  })
  expect(find('AWS::CloudWatch::Alarm', 'WakeAlarm')).toMatchObject({
    MetricName: 'HasBacklogWithoutCapacity',
    Threshold: 1,
    Period: 60,
    EvaluationPeriods: 2,
    DatapointsToAlarm: 2,
    TreatMissingData: 'missing',
  })
  expect(find('AWS::CloudWatch::Alarm', 'SleepAlarm')).toMatchObject({
    MetricName: 'ApproximateBacklogSize',
    EvaluationPeriods: 5,
  })
})

test('phase 4: the endpoint waits for image and weights, everything else does not', () => {
  const { Conditions, Resources, Parameters } = readTemplate('inference', 'prod')
  expect(Conditions?.HasEndpoint).toEqual({
    'Fn::And': [{ Condition: 'IsSam3d' }, { Condition: 'HasImage' }, { Condition: 'HasWeights' }],
  })
  expect(Parameters?.ImageUri.Default).toBe('/gen3d/prod/image-uri')
  const waiting = Object.values(Resources).filter(({ Condition }) => Condition === 'HasEndpoint')
  expect(new Set(waiting.map(({ Type }) => Type))).toEqual(
    new Set([
      'AWS::SageMaker::Model',
      'AWS::SageMaker::EndpointConfig',
      'AWS::SageMaker::Endpoint',
      'AWS::ApplicationAutoScaling::ScalableTarget',
      'AWS::ApplicationAutoScaling::ScalingPolicy',
      'AWS::CloudWatch::Alarm',
    ]),
  )
  for (const [id, { Type, Condition }] of Object.entries(Resources))
    if (['AWS::ECR::Repository', 'AWS::CodeBuild::Project'].includes(Type))
      expect(Condition, id).toBeUndefined()
})

test('phase 5: the table, its index and its scaling of 5 to 100 at 70 %', () => {
  expect(find('AWS::DynamoDB::Table').TableName).toBe('Gen3DJobsTable')
  const targets = allResources('prod').filter(
    ({ Type, service }) => Type === 'AWS::ApplicationAutoScaling::ScalableTarget' && service === 'foundation',
  )
  expect(
    targets.map(({ Properties }) => `${render(Properties.ResourceId)} ${Properties.ScalableDimension}`),
  ).toEqual(
    [
      'table/<JobsTable>',
      'table/<JobsTable>/index/user-index',
      'table/<JobsTable>/index/sweep-index',
    ].flatMap((resource, i) =>
      ['Read', 'Write'].map(
        (kind) => `${resource} dynamodb:${i === 0 ? 'table' : 'index'}:${kind}CapacityUnits`,
      ),
    ),
  )
  for (const { Properties, Condition } of targets) {
    expect(Properties).toMatchObject({ MinCapacity: 5, MaxCapacity: 100 })
    expect(Condition).toBe('IsProvisioned')
  }
  const policies = allResources('prod').filter(
    ({ Type, service }) => Type === 'AWS::ApplicationAutoScaling::ScalingPolicy' && service === 'foundation',
  )
  expect(policies).toHaveLength(targets.length)
  for (const { Properties } of policies)
    expect(Properties.TargetTrackingScalingPolicyConfiguration).toMatchObject({ TargetValue: 70 })
})

test('phase 6: the two Lambdas, and the bucket’s events', () => {
  const functions = allResources('prod').filter(({ Type }) => Type === 'AWS::Lambda::Function')
  const names = functions.map(({ Properties }) => Properties.FunctionName)
  expect(names).toContain('Gen3DWrapperLambda')
  expect(names).toContain('Gen3DNotifyLambda')
  for (const { Properties } of functions)
    expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] })
  const rules = allResources('prod').filter(({ Type }) => Type === 'AWS::Events::Rule')
  const [onObject] = rules.filter(({ Properties }) => 'EventPattern' in Properties)
  expect(onObject.Properties.EventPattern).toMatchObject({
    source: ['aws.s3'],
    'detail-type': ['Object Created'],
  })
  const [target] = onObject.Properties.Targets as Record<string, never>[]
  expect(target.DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': ['DeadLetters', 'Arn'] } })
  expect(target.RetryPolicy).toEqual({ MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86400 })
})

test('phase 7: the API, its stage, authorizer, limits and logs without signed addresses', () => {
  expect(find('AWS::ApiGateway::RestApi')).toMatchObject({
    Name: 'gen3d-api',
    EndpointConfiguration: { Types: ['REGIONAL'] },
  })
  const stage = find('AWS::ApiGateway::Stage')
  expect(stage.StageName).toBe('prod')
  expect(stage.MethodSettings).toEqual([
    {
      HttpMethod: '*',
      ResourcePath: '/*',
      ThrottlingRateLimit: 50,
      ThrottlingBurstLimit: 100,
      MetricsEnabled: true,
      LoggingLevel: 'OFF',
      DataTraceEnabled: false,
    },
  ])
  expect(stage.AccessLogSetting.Format).not.toMatch(/querystring|body|sourceIp|responseOverride/i)
  expect(find('AWS::ApiGateway::Authorizer')).toMatchObject({ Type: 'COGNITO_USER_POOLS' })
  expect(find('AWS::ApiGateway::Deployment')).not.toHaveProperty('StageName')
})

test('phase 7: errors that API Gateway makes itself can be read by the page', () => {
  const responses = allResources('prod').filter(({ Type }) => Type === 'AWS::ApiGateway::GatewayResponse')
  const types = responses.map(({ Properties }) => Properties.ResponseType)
  expect(types).toContain('DEFAULT_4XX')
  expect(types).toContain('DEFAULT_5XX')
  for (const { Properties } of responses)
    expect(
      render(
        (Properties.ResponseParameters as Record<string, unknown>)[
          'gatewayresponse.header.Access-Control-Allow-Origin'
        ],
      ),
    ).toBe("'<import gen3d-prod-site-origin>'")
})

test('phase 8: the page is told its ids by the deployment', () => {
  const { Outputs = {} } = readTemplate('web', 'prod')
  expect(Object.keys(Outputs)).toEqual(
    expect.arrayContaining(['BucketName', 'SiteUrl', 'ApiUrl', 'UserPoolId', 'AppClientId']),
  )
})

test('the alarms: queue age, stuck at zero, failures, dead letters, 5xx, throttles, GPU cap; and a budget', () => {
  const alarms = allResources('prod').filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm')
  expect(alarms.map(({ id }) => id)).toEqual(
    expect.arrayContaining([
      'QueueAgeAlarm',
      'StuckAtZeroAlarm',
      'JobsFailedAlarm',
      'DeadLettersAlarm',
      'Api5xxAlarm',
      'WrapperThrottlesAlarm',
      'CapReachedAlarm',
    ]),
  )
  find('AWS::Budgets::Budget')
  const dashboard = find('AWS::CloudWatch::Dashboard').DashboardBody['Fn::Sub'] as string
  expect(JSON.parse(dashboard).widgets.length).toBeGreaterThan(6)
})
