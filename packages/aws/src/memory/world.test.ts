import { describe } from 'vitest'
import { describeObjectStore } from '../object-store.contract.ts'
import {
  describeFactStore,
  describeJobStore,
  describeLimitStore,
  describeSessionStore,
} from '../stores.contract.ts'
import { createMemoryWorld } from './world.ts'

describe('in memory', () => {
  const world = createMemoryWorld()
  const open = () => world
  describeJobStore(open)
  describeSessionStore(open)
  describeLimitStore(open)
  describeFactStore(open)
  describeObjectStore(() => ({ objects: world.objects, folder: 'users/' }))
})
