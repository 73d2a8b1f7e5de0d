import {
  type ObjectCreatedEvent,
  objectCreatedEvent,
  type PublishObjectCreated,
} from '../s3/object-created.ts'
import type { EventBus } from './event-bus.ts'

/** Sends the events of the local S3 to a bus, as EventBridge would get them from the bucket. */
export function publishObjectCreatedTo(
  bus: Pick<EventBus<ObjectCreatedEvent>, 'publish'>,
  place: { readonly account: string; readonly region: string },
): PublishObjectCreated {
  return (creation, change) => bus.publish(objectCreatedEvent(creation, place), change)
}
