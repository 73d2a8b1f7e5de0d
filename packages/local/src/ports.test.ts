import { createServer } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { pickPorts } from './ports.ts'

const holders: ReturnType<typeof createServer>[] = []
afterEach(() => {
  for (const holder of holders.splice(0)) holder.close()
})

async function holdAnyPort(): Promise<number> {
  const holder = createServer()
  holders.push(holder)
  await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
  return (holder.address() as { port: number }).port
}

test('steps over a port that another program holds', async () => {
  const taken = await holdAnyPort()
  const ports = await pickPorts(taken, 2, false)
  expect(ports).toHaveLength(2)
  expect(ports).not.toContain(taken)
})

test('says so when the fixed first port is taken', async () => {
  const taken = await holdAnyPort()
  await expect(pickPorts(taken, 1, true)).rejects.toThrow(`Port ${taken} is taken`)
})
