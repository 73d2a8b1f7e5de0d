import { expect, test } from 'vitest'
import { createFairQueue, QueueClosed } from './fair-queue.ts'

/** A task that ends when it is told to. */
function heldTask() {
  let release = () => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  return { release, task: () => held }
}

test('runs one task at a time, the others in turns of their owners', async () => {
  const queue = createFairQueue()
  const order: string[] = []
  let inside = 0
  const task = (name: string) => async () => {
    expect(++inside).toBe(1)
    order.push(name)
    await new Promise((resolve) => setImmediate(resolve))
    inside--
  }
  await Promise.all([
    queue.run('ann', task('ann 1')),
    queue.run('ann', task('ann 2')),
    queue.run('ann', task('ann 3')),
    queue.run('bob', task('bob 1')),
    queue.run('bob', task('bob 2')),
  ])
  expect(order).toEqual(['ann 1', 'bob 1', 'ann 2', 'bob 2', 'ann 3'])
})

test('goes on after a task that failed', async () => {
  const queue = createFairQueue()
  const failed = queue.run('ann', () => Promise.reject(new Error('no')))
  const next = queue.run('ann', () => Promise.resolve(7))
  await expect(failed).rejects.toThrow('no')
  expect(await next).toBe(7)
})

test('lets a waiting task leave, and does not run it', async () => {
  const queue = createFairQueue()
  const first = heldTask()
  const running = queue.run('ann', first.task)
  const abort = new AbortController()
  let ran = false
  const leaving = queue.run(
    'bob',
    async () => {
      ran = true
    },
    abort.signal,
  )
  abort.abort(new Error('gone'))
  await expect(leaving).rejects.toThrow('gone')
  first.release()
  await running
  expect(ran).toBe(false)
})

test('refuses what waits when it closes, and waits for what runs', async () => {
  const queue = createFairQueue()
  const first = heldTask()
  const running = queue.run('ann', first.task)
  const waiting = queue.run('bob', () => Promise.resolve())
  const closing = queue.close()
  await expect(waiting).rejects.toThrow(QueueClosed)
  await expect(queue.run('bob', () => Promise.resolve())).rejects.toThrow(QueueClosed)
  first.release()
  await running
  await closing
})
