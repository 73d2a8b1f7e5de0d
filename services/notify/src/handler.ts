import middy from '@middy/core'
import { handleEvent, type NotifyEvent } from './handle-event.ts'
import { wire } from './wire.ts'

const world = wire(process.env)

/** Gen3DNotifyLambda: results, failures and the sweep. An error is thrown: EventBridge tries again, then the DLQ keeps it. */
export const main = middy<NotifyEvent>().handler((event) => handleEvent(world, event))
