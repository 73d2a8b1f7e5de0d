import { readFileSync } from 'node:fs'
import { createMemoryWorld } from '@gen3d/aws/memory/world'
import { describe, expect, it } from 'vitest'
import { handleEvent, type NotifyEvent } from './handle-event.ts'

const sample = (name: string) =>
  JSON.parse(readFileSync(new URL(`../events/${name}.json`, import.meta.url), 'utf8')) as NotifyEvent

describe('notify', () => {
  it('takes its sample events, of jobs that it does not know too', async () => {
    const world = createMemoryWorld()
    for (const name of [
      'manifest-created',
      'engine-failure-created',
      'endpoint-failure-created',
      'scheduled',
    ])
      await handleEvent(world, sample(name))
    expect(world.log.lines.filter(({ level }) => level === 'error')).toEqual([])
    expect(await world.facts.get('endpoint')).toMatchObject({ status: 'ready' })
  })

  it('leaves alone what is no result', async () => {
    const world = createMemoryWorld()
    const event = (key: string) => ({ 'detail-type': 'Object Created', detail: { object: { key } } })
    await handleEvent(world, event('users/x/manifest.json'))
    await handleEvent(world, event('public/index.html'))
    expect(world.log.lines.map(({ message }) => message)).toEqual([
      'an event of no interest',
      'an event of no interest',
    ])
  })

  it('fails on an event that is none, so that the DLQ keeps it', async () => {
    await expect(handleEvent(createMemoryWorld(), {})).rejects.toThrow('without an object key')
  })
})
