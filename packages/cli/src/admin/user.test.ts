import { expect, test } from 'vitest'
import { ensureUser, makePassword } from './user.ts'

test('a password has 20 characters and each kind that the user pool asks for', () => {
  const made = new Set(Array.from({ length: 200 }, () => makePassword()))
  expect(made.size).toBe(200)
  for (const password of made) {
    expect(password).toHaveLength(20)
    for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[!#%+:=?@]/]) expect(password).toMatch(kind)
  }
})

function place(stage: string, answers: Record<string, () => object>) {
  const calls: string[] = []
  const account = {
    region: 'us-east-1',
    stackOutputs: async () => ({ UserPoolId: 'pool' }),
    json: async (_service: string, target: string) => {
      calls.push(target.split('.')[1])
      return answers[target.split('.')[1]]?.() ?? {}
    },
  }
  return { calls, place: { stage, region: 'us-east-1', account: account as never } }
}

test('makes a user whose password lasts', async () => {
  const dev = place('dev', {})
  expect(await ensureUser(dev.place, 'a@example.com', false)).toHaveLength(20)
  expect(dev.calls).toEqual(['AdminCreateUser', 'AdminSetUserPassword'])
})

test('refuses prod unless it is forced', async () => {
  const prod = place('prod', {})
  await expect(ensureUser(prod.place, 'a@example.com', false)).rejects.toThrow('--force')
  expect(prod.calls).toEqual([])
  await ensureUser(prod.place, 'a@example.com', true)
})
