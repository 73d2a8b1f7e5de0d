/**
 * The first deployment's table of resources, row by row: what stands in the packaged template, and what the emulator says
 * that it holds after `sls deploy`. seed.test.ts and emulator/deploy.test.ts go through it; the latter's details are read
 * with AWS's own calls.
 */
import { type Ask, type Fields, pick, type SeedRow } from './seed-ask.ts'
import { LATER_ROWS } from './seed-rows-later.ts'

const role = (name: string, at: string): SeedRow => ({
  phase: 1,
  row: name,
  at,
  held: ({ role }) => role(name),
  as: name,
})

const setting = (row: string, part: string, ...texts: string[]): SeedRow => ({
  phase: 2,
  row,
  at: part === 'policy' ? 'foundation.WebsiteBucketPolicy' : 'foundation.DataBucket',
  held: async ({ settings }) => {
    const xml = await settings(part)
    return texts.filter((text) => !xml.includes(text))
  },
  as: [],
})

/** What the emulator was told and does not act on. */
const bucketProperty = (row: string, name: string, as: unknown): SeedRow => ({
  phase: 2,
  row,
  at: 'foundation.DataBucket',
  held: async ({ recorded, bucket }) =>
    ((await recorded('AWS::S3::Bucket', 'BucketName', bucket)) as Fields)[name],
  as,
})

const userPool = async ({ json, userPoolId }: Ask) =>
  (
    await json('cognito-idp', 'AWSCognitoIdentityProviderService.DescribeUserPool', {
      UserPoolId: userPoolId,
    })
  ).UserPool as Fields
export const SEED_ROWS: readonly SeedRow[] = [
  role('Gen3DSageMakerExecutionRole', 'inference.SageMakerRole'),
  role('Gen3DLambdaWrapperRole', 'api.IamRoleLambdaExecution'),
  role('Gen3DLambdaNotifyRole', 'notify.IamRoleLambdaExecution'),
  role('Gen3DCognitoAuthRole', 'foundation.CognitoAuthRole'),

  bucketProperty('versioning suspended', 'VersioningConfiguration', { Status: 'Suspended' }),
  setting('encryption AES256', 'encryption', '<SSEAlgorithm>AES256</SSEAlgorithm>'),
  setting('website hosting', 'website', '<Suffix>index.html</Suffix>', '<Key>public/index.html</Key>'),
  setting(
    'CORS',
    'cors',
    // The seed had every origin.
    '<AllowedOrigin>http://gen3d-data-bucket-000000000000-prod.s3-website-us-east-1.amazonaws.com</AllowedOrigin>',
    ...['GET', 'PUT', 'POST', 'HEAD'].map((method) => `<AllowedMethod>${method}</AllowedMethod>`),
    '<AllowedHeader>*</AllowedHeader>',
    '<ExposeHeader>ETag</ExposeHeader>',
    '<MaxAgeSeconds>3000</MaxAgeSeconds>',
  ),
  setting('policy: public/ is read by anybody', 'policy', '"PublicSite"', '/public/*'),
  {
    ...bucketProperty('lifecycle of users/: one rule', 'LifecycleConfiguration', null),
    held: async ({ recorded, bucket }) => {
      const { LifecycleConfiguration } = (await recorded('AWS::S3::Bucket', 'BucketName', bucket)) as Fields
      const { Rules } = LifecycleConfiguration as { Rules: Fields[] }
      return Rules.filter(({ Prefix }) => Prefix === 'users/')
    },
    as: [
      {
        Id: 'users-archive-and-expire',
        Status: 'Enabled',
        Prefix: 'users/',
        // Not GLACIER: a signed GET could not read it.
        Transitions: [{ StorageClass: 'GLACIER_IR', TransitionInDays: 90 }],
        ExpirationInDays: 365,
      },
    ],
  },
  setting('Block Public Access', 'publicAccessBlock', '<BlockPublicPolicy>false</BlockPublicPolicy>'),

  {
    phase: 3,
    row: 'Gen3DUserPool',
    at: 'foundation.UserPool',
    held: async (ask) => {
      const { Policies, ...rest } = await userPool(ask)
      const { PasswordPolicy } = Policies as { PasswordPolicy: Fields }
      return {
        ...pick(rest, 'Name', 'AutoVerifiedAttributes', 'MfaConfiguration'),
        ...pick(
          PasswordPolicy,
          ...['MinimumLength', 'RequireUppercase', 'RequireLowercase', 'RequireNumbers', 'RequireSymbols'],
        ),
      }
    },
    as: {
      Name: 'Gen3DUserPool',
      AutoVerifiedAttributes: ['email'],
      MfaConfiguration: 'OFF',
      MinimumLength: 8,
      RequireUppercase: true,
      RequireLowercase: true,
      RequireNumbers: true,
      RequireSymbols: true,
    },
  },
  {
    phase: 3,
    row: 'Gen3DWebAppClient',
    at: 'foundation.WebAppClient',
    held: async ({ json, userPoolId }) => {
      const idp = 'AWSCognitoIdentityProviderService'
      const { UserPoolClients } = await json('cognito-idp', `${idp}.ListUserPoolClients`, {
        UserPoolId: userPoolId,
        MaxResults: 10,
      })
      const [{ ClientId }] = UserPoolClients as { ClientId: string }[]
      const found = await json('cognito-idp', `${idp}.DescribeUserPoolClient`, {
        UserPoolId: userPoolId,
        ClientId,
      })
      const client = found.UserPoolClient as Fields
      return {
        ...pick(client, 'ClientName', 'AccessTokenValidity', 'IdTokenValidity', 'RefreshTokenValidity'),
        secret: 'ClientSecret' in client,
        flows: [...(client.ExplicitAuthFlows as string[])].sort(),
      }
    },
    as: {
      ClientName: 'Gen3DWebAppClient',
      AccessTokenValidity: 1,
      IdTokenValidity: 1,
      RefreshTokenValidity: 30,
      secret: false,
      flows: ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_SRP_AUTH'],
    },
  },
  {
    phase: 3,
    row: 'Gen3DIdentityPool',
    at: 'foundation.IdentityPool',
    held: async ({ json }) => {
      const service = 'AWSCognitoIdentityService'
      const { IdentityPools } = await json('cognito-identity', `${service}.ListIdentityPools`, {
        MaxResults: 10,
      })
      const [{ IdentityPoolId }] = IdentityPools as { IdentityPoolId: string }[]
      const pool = await json('cognito-identity', `${service}.DescribeIdentityPool`, { IdentityPoolId })
      const roles = await json('cognito-identity', `${service}.GetIdentityPoolRoles`, { IdentityPoolId })
      return {
        ...pick(pool, 'IdentityPoolName', 'AllowUnauthenticatedIdentities'),
        role: String((roles.Roles as Fields).authenticated)
          .split('/')
          .at(-1),
      }
    },
    as: {
      IdentityPoolName: 'Gen3DIdentityPool',
      AllowUnauthenticatedIdentities: false,
      role: 'Gen3DCognitoAuthRole',
    },
  },

  {
    phase: 4,
    row: 'ECR gen3d-sagemaker',
    at: 'inference.Repository',
    held: async ({ json }) => {
      const { repositories } = await json(
        'ecr',
        'AmazonEC2ContainerRegistry_V20150921.DescribeRepositories',
        { repositoryNames: ['gen3d-sagemaker'] },
      )
      return pick((repositories as Fields[])[0], 'imageTagMutability', 'imageScanningConfiguration')
    },
    as: { imageTagMutability: 'IMMUTABLE', imageScanningConfiguration: { scanOnPush: true } },
  },
  {
    phase: 4,
    row: 'gen3d-sam3-sam3d-endpoint: configuration and model',
    at: 'inference.Endpoint',
    gpu: true,
    held: async ({ json }) => {
      const describe = (kind: string, name: unknown) =>
        json('sagemaker', `SageMaker.Describe${kind}`, { [`${kind}Name`]: name })
      const { EndpointConfigName } = await describe('Endpoint', 'gen3d-sam3-sam3d-endpoint')
      const config = await describe('EndpointConfig', EndpointConfigName)
      const [variant] = config.ProductionVariants as Fields[]
      const model = await describe('Model', variant.ModelName)
      const tagOf = (one: Fields) =>
        (one.Tags as { Key: string; Value: string }[]).find(({ Key }) => Key === 'Name')?.Value
      return {
        ...pick(variant, 'InstanceType', 'InitialInstanceCount'),
        inFlight: (config.AsyncInferenceConfig as { ClientConfig: Fields }).ClientConfig,
        names: [tagOf(config), tagOf(model)],
      }
    },
    as: {
      InstanceType: 'ml.g5.2xlarge',
      InitialInstanceCount: 1,
      inFlight: { MaxConcurrentInvocationsPerInstance: 4 },
      names: ['gen3d-sam3-sam3d-endpoint-config', 'gen3d-sam3-sam3d-model'],
    },
  },
  {
    phase: 4,
    row: 'scaling of the endpoint, 0-3',
    at: 'inference.EndpointTarget',
    gpu: true,
    held: async ({ recorded }) =>
      pick(
        await recorded(
          'AWS::ApplicationAutoScaling::ScalableTarget',
          'ScalableDimension',
          'sagemaker:variant:DesiredInstanceCount',
        ),
        ...['ResourceId', 'MinCapacity', 'MaxCapacity'],
      ),
    as: {
      ResourceId: 'endpoint/gen3d-sam3-sam3d-endpoint/variant/AllTraffic',
      MinCapacity: 0,
      MaxCapacity: 3,
    },
  },
  {
    phase: 4,
    row: 'cooldowns 600 and 300',
    at: 'inference.BacklogScaling',
    gpu: true,
    held: async ({ recorded }) => {
      const type = 'AWS::ApplicationAutoScaling::ScalingPolicy'
      const policy = (await recorded(type, 'PolicyType', 'TargetTrackingScaling')) as unknown as Fields[]
      const found =
        [policy].flat().find((one) => JSON.stringify(one).includes('BacklogSizePerInstance')) ?? {}
      const { Properties = found } = found as { Properties?: Fields }
      return pick(
        Properties.TargetTrackingScalingPolicyConfiguration,
        ...['TargetValue', 'ScaleInCooldown', 'ScaleOutCooldown'],
      )
    },
    as: { TargetValue: 2.8, ScaleInCooldown: 600, ScaleOutCooldown: 300 },
  },
  ...LATER_ROWS,
]
