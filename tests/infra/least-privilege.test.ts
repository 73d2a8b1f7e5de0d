/** IAM of every combination: nothing may do more than the calls that its code makes. */
import { beforeAll, describe, expect, test } from 'vitest'
import { resourceStatements, roleStatements, trustStatements } from './policies.ts'
import { allResources, COMBINATION_NAMES, packageTemplates } from './templates.ts'

beforeAll(packageTemplates, 600_000)

/** Actions that know no resource, and what limits them instead. */
const ANY_RESOURCE: Readonly<Record<string, string>> = {
  'ecr:GetAuthorizationToken':
    'the token is the account’s; what it opens is limited by the push and pull statements',
  'cloudwatch:PutMetricData': 'knows no resource; a condition fixes the namespace Gen3D',
  'xray:PutTraceSegments': 'knows no resource',
  'xray:PutTelemetryRecords': 'knows no resource',
}

/** Services whose calls carry no aws:SourceAccount when they take a role. */
const NO_SOURCE_ACCOUNT: Readonly<Record<string, string>> = {
  'lambda.amazonaws.com':
    'Lambda takes only roles of its own account (iam:PassRole) and sends no source keys',
  'apigateway.amazonaws.com': 'the account’s one logging role; API Gateway checks it without source keys',
}

/** Roles with a policy of AWS's own. */
const MANAGED: Readonly<Record<string, string>> = {
  'foundation.ApiGatewayLogRole': 'AmazonAPIGatewayPushToCloudWatchLogs is what API Gateway checks for',
}

describe.each(COMBINATION_NAMES)('%s', (combination) => {
  test('no role may do any action of a service', () => {
    const wide = roleStatements(combination).filter(({ actions }) =>
      actions.some((action) => action.includes('*')),
    )
    expect(wide.map(({ at }) => at)).toEqual([])
  })

  test('every resource is named, but for actions that know none', () => {
    const wide = roleStatements(combination).filter(
      ({ effect, resources, actions }) =>
        effect === 'Allow' && resources.includes('*') && !actions.every((action) => action in ANY_RESOURCE),
    )
    expect(wide.map(({ at }) => at)).toEqual([])
  })

  test('metrics go into one namespace only', () => {
    const metrics = roleStatements(combination).filter(({ actions }) =>
      actions.includes('cloudwatch:PutMetricData'),
    )
    for (const { condition } of metrics)
      expect(condition).toEqual({ StringEquals: { 'cloudwatch:namespace': 'Gen3D' } })
  })

  test('no role reaches into the whole bucket', () => {
    const s3 = roleStatements(combination).filter(({ actions }) =>
      actions.some((one) => one.startsWith('s3:')),
    )
    expect(s3.length).toBeGreaterThan(5)
    for (const { at, actions, resources, condition } of s3) {
      if (actions.includes('s3:ListBucket')) {
        // A HEAD of a missing key carries no prefix: with plain StringLike it would answer 403, as if it were forbidden.
        expect(condition.StringLikeIfExists?.['s3:prefix'], at).toBeTruthy()
      } else
        for (const resource of resources) expect(resource, at).toMatch(/\/(users|failures|models|builds)\/./)
    }
  })

  test('a service that takes a role does so for this account only', () => {
    for (const { at, principal, condition } of trustStatements(combination)) {
      const { Service, Federated } = principal as { Service?: string | string[]; Federated?: string }
      if (Federated) {
        expect(condition.StringEquals, at).toHaveProperty(['cognito-identity.amazonaws.com:aud'])
      } else if (![Service].flat().every((service) => (service as string) in NO_SOURCE_ACCOUNT)) {
        expect(condition.StringEquals, at).toHaveProperty(['aws:SourceAccount'])
      }
    }
  })

  test('policies of AWS’s own stand only where there is a reason', () => {
    const managed = allResources(combination).filter(({ Properties }) => 'ManagedPolicyArns' in Properties)
    for (const { at } of managed) expect(MANAGED).toHaveProperty([at])
  })

  test('a person reads the own prefix and puts the original image, nothing else', () => {
    const role = roleStatements(combination).filter(({ role }) => role === 'foundation.CognitoAuthRole')
    const tag = '$'.concat('{aws:PrincipalTag/sub}')
    const identity = '$'.concat('{cognito-identity.amazonaws.com:sub}')
    expect(role.map(({ actions, resources }) => [actions, resources])).toEqual([
      [['s3:GetObject'], [`<DataBucket.Arn>/users/${tag}/*`]],
      [['s3:GetObject'], [`<DataBucket.Arn>/users/${identity}/*`]],
      [['s3:PutObject'], [`<DataBucket.Arn>/users/${tag}/sessions/*/original_image.*`]],
    ])
    const tags = allResources(combination).find(
      ({ Type }) => Type === 'AWS::Cognito::IdentityPoolPrincipalTag',
    )
    expect(tags?.Properties.PrincipalTags).toEqual({ sub: 'sub' })
  })

  test('strangers read the site and nothing else, and only where it is a website', () => {
    const open = resourceStatements(combination).filter(
      ({ effect, principal, condition }) =>
        effect === 'Allow' && principal === '*' && Object.keys(condition).length === 0,
    )
    expect(open.map(({ at, actions, resources }) => [at, actions, resources])).toEqual([
      [
        'foundation.WebsiteBucketPolicy.PublicSite',
        ['s3:GetObject'],
        ['<DataBucket.Arn>/public/*', '<DataBucket.Arn>/index.html'],
      ],
    ])
    const policy = allResources(combination).find(({ at }) => at === 'foundation.WebsiteBucketPolicy')
    expect(policy?.Condition).toBe('IsWebsite')
  })

  test('no bucket or queue takes a call without TLS, but for the website’s own keys', () => {
    const denies = resourceStatements(combination).filter(({ effect }) => effect === 'Deny')
    for (const { condition } of denies) expect(String(condition.Bool?.['aws:SecureTransport'])).toBe('false')
    const site = denies.filter(({ at }) => !at.includes('ServerlessDeploymentBucketPolicy'))
    expect(site.map(({ at }) => at)).toEqual([
      'foundation.WebsiteBucketPolicy.TlsOnlyForEverythingElse',
      'foundation.DistributionBucketPolicy.TlsOnly',
    ])
  })

  test('other services may call ours only from this account', () => {
    for (const { at, effect, principal, condition } of resourceStatements(combination)) {
      const service = (principal as { Service?: string })?.Service
      if (effect === 'Allow' && service)
        expect(condition.StringEquals, at).toHaveProperty(['aws:SourceAccount'])
    }
  })
})
