/** The preview engine, but it obeys the faults of suite.contract.ts. */
import { setTimeout as pause } from 'node:timers/promises'
import { createPreviewEngine } from '@gen3d/preview/engine'
import type { Engine } from '@gen3d/shared/engine'
import { serveEngine } from '../preview/serve-engine.ts'

const STEPS = 30
const STEP_MS = 100
const SLOW_LOAD_MS = 2000
const LIST_LENGTH = 10_000

void serveEngine(async () => {
  if (process.env.FAULTY_LOAD === 'fail') throw new Error('no such weights')
  if (process.env.FAULTY_LOAD === 'slow') await pause(SLOW_LOAD_MS)
  const engine = createPreviewEngine()
  const reconstruct: Engine['reconstruct'] = async (input, context) => {
    const fault = input.masks[0]?.name
    if (fault === 'fault:crash') queueMicrotask(() => crash())
    if (fault === 'fault:die') process.kill(process.pid, 'SIGKILL')
    if (fault === 'fault:oom') fillMemory()
    if (fault === 'fault:hang') for (;;);
    for (let step = 0; fault === 'fault:slow' && step < STEPS; step++) {
      await context.progress('slow', step / STEPS)
      await pause(STEP_MS)
    }
    return engine.reconstruct(input, context)
  }
  return { ...engine, reconstruct }
})

function crash(): never {
  throw new Error('crashed as told')
}

/** Takes what this thread may have, and more. */
function fillMemory(): never {
  for (const kept: number[][] = []; ; ) kept.push(new Array(LIST_LENGTH).fill(kept.length))
}
