import { expect, it } from 'vitest'
import { compilePattern, type EventPattern } from './event-pattern.ts'

const event = {
  source: 'aws.s3',
  'detail-type': 'Object Created',
  detail: {
    bucket: { name: 'gen3d' },
    object: { key: 'users/u/sessions/s/jobs/j/manifest.json', size: 5 },
    reason: 'PutObject',
    tags: ['a', 'b'],
  },
}
const matches = (pattern: EventPattern) => compilePattern(pattern)(event)
const key = (...values: (string | Record<string, unknown>)[]) =>
  matches({ detail: { object: { key: values } } })

it('needs every field and one of its values', () => {
  expect(
    matches({
      source: ['aws.s3'],
      'detail-type': ['Object Created'],
      detail: { bucket: { name: ['x', 'gen3d'] } },
    }),
  ).toBe(true)
  expect(matches({ source: ['aws.s3'], detail: { bucket: { name: ['other'] } } })).toBe(false)
  expect(matches({ detail: { missing: { deep: ['x'] } } })).toBe(false)
  expect(matches({ detail: { object: { size: [5] } } })).toBe(true)
  expect(matches({ detail: { object: { size: ['5'] } } })).toBe(false)
  expect(matches({ detail: { tags: ['b'] } })).toBe(true)
})

it('matches prefix, suffix and wildcard', () => {
  expect(key({ prefix: 'users/' })).toBe(true)
  expect(key({ prefix: 'failures/' }, { suffix: '/manifest.json' })).toBe(true)
  expect(key({ wildcard: 'users/*/jobs/*/manifest.json' })).toBe(true)
  expect(key({ wildcard: '*.json' })).toBe(true)
  expect(key({ wildcard: 'users/*/manifest' })).toBe(false)
  expect(key({ wildcard: 'users.u*' })).toBe(false)
  expect(key({ prefix: { 'equals-ignore-case': 'USERS/' } })).toBe(true)
  expect(key({ 'equals-ignore-case': 'USERS' })).toBe(false)
  expect(compilePattern({ a: [{ wildcard: 'x\\*\\\\y*' }] })({ a: 'x*\\yz' })).toBe(true)
  expect(compilePattern({ a: [{ wildcard: 'x\\*y' }] })({ a: 'xzy' })).toBe(false)
})

it('matches anything-but, exists and numeric', () => {
  expect(key({ 'anything-but': ['a', 'b'] })).toBe(true)
  expect(key({ 'anything-but': { prefix: ['public/', 'users/'] } })).toBe(false)
  expect(key({ 'anything-but': { suffix: '.png' } })).toBe(true)
  expect(key({ 'anything-but': { wildcard: '*/jobs/*' } })).toBe(false)
  expect(matches({ detail: { nothing: [{ 'anything-but': 'a' }] } })).toBe(false)
  expect(matches({ detail: { nothing: [{ exists: false }], reason: [{ exists: true }] } })).toBe(true)
  expect(matches({ detail: { reason: [{ exists: false }] } })).toBe(false)
  expect(matches({ detail: { object: { size: [{ numeric: ['>', 0, '<=', 5] }] } } })).toBe(true)
  expect(matches({ detail: { object: { size: [{ numeric: ['>', 5] }] } } })).toBe(false)
})

it('refuses a matcher that it does not know instead of letting events fall', () => {
  expect(() => compilePattern({ a: [{ cidr: '10.0.0.0/8' }] })).toThrow('does not know the matcher cidr')
  expect(() => compilePattern({ $or: [{ a: ['b'] }] })).toThrow('$or')
})
