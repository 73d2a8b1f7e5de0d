import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { checkParameters, PARAMETER_NAMES } from './parameters.ts'
import { readParameters } from './read-parameters.ts'

const FILE = new URL('../../../deploy/parameters.yml', import.meta.url)
const check = (...overrides: string[]) => checkParameters(readParameters(FILE, 'prod', overrides), 'prod')

test('what stands in the file may be deployed, for every stage', () => {
  for (const stage of ['prod', 'dev', 'local'])
    expect(checkParameters(readParameters(FILE, stage), stage)).toEqual([])
})

test('every parameter of the file has a range, and no range is left without its parameter', () => {
  const sections = parse(readFileSync(FILE, 'utf8')) as Record<string, Record<string, unknown>>
  const named = new Set(Object.values(sections).flatMap(Object.keys))
  expect([...named].sort()).toEqual([...PARAMETER_NAMES].sort())
})

test.each([
  ['engine=gpu', 'engine must be one of preview, sam3d, not "gpu".'],
  ['billingMode=ON_DEMAND', 'billingMode must be one of PROVISIONED, PAY_PER_REQUEST, not "ON_DEMAND".'],
  ['cloudfront=yes', 'cloudfront must be "true" or "false" (in quotes), not "yes".'],
  ['bucketName=My_Bucket', 'bucketName must be 3 to 63 of a-z, 0-9 and the dash, not "My_Bucket".'],
  ['maxJobsPerDay=0', 'maxJobsPerDay must be a whole number from 1 to 100000, not "0".'],
  [
    'maxGpuSecondsPerMonth=1e9',
    'maxGpuSecondsPerMonth must be a whole number from 60 to 100000000, not "1e9".',
  ],
  ['requestTtlSeconds=59', 'requestTtlSeconds must be a whole number from 60 to 21600, not "59".'],
  ['mailFrom=gen3d', 'mailFrom must be a mail address or empty, not "gen3d".'],
  [
    'signUpDomains=example.com, x.org',
    'signUpDomains must be domains with commas between them and no spaces, or empty, not "example.com, x.org".',
  ],
  ['logDays=8', 'logDays must be one of 1, 3, 5, 7, 14, 30, 60, 90, 180, 365, not "8".'],
  ['instanceType=g5.2xlarge', 'instanceType must be a GPU type such as ml.g5.2xlarge, not "g5.2xlarge".'],
  ['backlogPerInstance=70%', 'backlogPerInstance must be a number from 1 to 100, not "70%".'],
  ['enigne=preview', 'There is no parameter "enigne". Did you mean engine?'],
])('%s is refused by name', (override, sentence) => {
  expect(check(override)).toEqual([sentence])
})

test.each([
  [['signUp=domain'], 'signUpDomains is empty'],
  [['accountMails=SES'], 'mailFrom is empty'],
  [['mailFrom=a@example.com', 'mailIdentity=other.org'], 'mailFrom does not belong to mailIdentity'],
  [['monthlyBudgetUsd=10'], 'mailOperator is empty'],
  [['engineTimeoutSeconds=1200'], 'engineTimeoutSeconds is above 900'],
  [['engineTimeoutSeconds=9'], 'engineTimeoutSeconds is below 10'],
  [['engine=sam3d', 'engineTimeoutSeconds=119'], 'engineTimeoutSeconds is below 120'],
  [['engine=sam3d', 'engineTimeoutSeconds=901'], 'inFlightPerInstance x engineTimeoutSeconds is 3604'],
  [['engine=sam3d', 'inFlightPerInstance=5'], 'inFlightPerInstance x engineTimeoutSeconds is 4500'],
  [['siteOrigin=https://3d.example.com'], 'siteOrigin and siteUrl go together'],
  [
    ['siteOrigin=https://a.example.com', 'siteUrl=https://b.example.com/'],
    'siteUrl does not begin with siteOrigin',
  ],
])('%s do not fit together', (overrides, beginning) => {
  expect(check(...overrides)).toHaveLength(1)
  expect(check(...overrides)[0]).toContain(beginning)
})

test('a long time-out is fine for the GPU', () => {
  expect(check('engine=sam3d', 'engineTimeoutSeconds=3600', 'inFlightPerInstance=1')).toEqual([])
})

test('a stage is a short lower-case name', () => {
  expect(checkParameters(readParameters(FILE, 'Prod_1'), 'Prod_1')[0]).toContain('The stage must be')
})
