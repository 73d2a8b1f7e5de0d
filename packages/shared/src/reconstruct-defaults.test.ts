import { expect, test } from 'vitest'
import { fillOptions } from './reconstruct-defaults.ts'

test('fills every option that was left out, size and triangles by the quality', () => {
  expect(fillOptions(undefined, ['ply', 'glb'])).toEqual({
    formats: ['ply', 'glb'],
    quality: 'standard',
    seed: 0,
    texture_size: 1024,
    target_triangles: 40_000,
  })
  expect(fillOptions({ quality: 'high' }, ['glb']).target_triangles).toBe(120_000)
})

test('keeps what was given, zero too', () => {
  const given = {
    formats: ['stl' as const],
    quality: 'draft' as const,
    seed: 0,
    texture_size: 4096,
    target_triangles: 500,
  }
  expect(fillOptions(given, ['ply'])).toEqual(given)
})
