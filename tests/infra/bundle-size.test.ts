import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { BUNDLE_GOAL, buildTuned, LAMBDAS } from '../bench/lambda-bundle.ts'

const folder = mkdtempSync(join(tmpdir(), 'gen3d-bundles-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it.each(Object.keys(LAMBDAS) as (keyof typeof LAMBDAS)[])(
  '%s has at most half a megabyte of code',
  async (name) => {
    const { code } = await buildTuned(name, join(folder, `${name}.cjs`))
    expect(code).toBeLessThanOrEqual(BUNDLE_GOAL)
  },
)
