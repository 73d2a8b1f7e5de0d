/** `sls invoke local --stage local` runs each function against the running stack, without an account. */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { ROOT } from '../../scripts/steps.ts'

/** The stack under test has a folder of its own, so its .env.local is handed over as environment. */
function invokeLocal(service: 'api' | 'notify', fn: string, event: string) {
  const lines = readFileSync(join(inject('stackFolder'), service, '.env.local'), 'utf8')
    .trim()
    .split('\n')
  const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)))
  const serverless = join(ROOT, 'node_modules', '.bin', 'serverless')
  const args = ['invoke', 'local', '--stage', 'local', '-f', fn, '--path', join('events', event)]
  return spawnSync(serverless, args, {
    cwd: join(ROOT, 'services', service),
    env: { ...process.env, ...env },
    encoding: 'utf8',
    // An open stdin would be waited for.
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  })
}

test('the wrapper answers from the local table', () => {
  const { status, stdout, stderr } = invokeLocal('api', 'wrapper', 'get-capabilities.json')
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
  const answer = JSON.parse(stdout.slice(stdout.indexOf('{\n'))) as { statusCode: number; body: string }
  expect(answer.statusCode).toBe(200)
  expect(JSON.parse(answer.body)).toMatchObject({ engine: 'preview' })
})

test('notify runs its sweep', () => {
  const { status, stderr, stdout } = invokeLocal('notify', 'notify', 'scheduled.json')
  expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
})
