import { randomUUID } from 'node:crypto'
import type { StoredObject } from './object-store.ts'

/** The API that made the object, in EventBridge's words. */
export type ObjectCreatedReason = 'PutObject' | 'POST Object' | 'CopyObject' | 'CompleteMultipartUpload'

/** A write that is about to happen. */
export interface ObjectCreation extends StoredObject {
  readonly bucket: string
  readonly reason: ObjectCreatedReason
  readonly requestId: string
}

/** Runs `change` (the write itself) so that its event cannot be lost: made durable before, sent on after. */
export type PublishObjectCreated = (creation: ObjectCreation, change: () => Promise<void>) => Promise<void>

/** The event that S3 sends to EventBridge when an object was made; the key is raw, the ETag without quotes. */
export interface ObjectCreatedEvent {
  readonly version: '0'
  readonly id: string
  readonly 'detail-type': 'Object Created'
  readonly source: 'aws.s3'
  readonly account: string
  /** ISO 8601, whole seconds. */
  readonly time: string
  readonly region: string
  readonly resources: readonly string[]
  readonly detail: {
    readonly version: '0'
    readonly bucket: { readonly name: string }
    readonly object: {
      readonly key: string
      /** Bytes. */
      readonly size: number
      readonly etag: string
      /** Hex, grows with each write of a key. */
      readonly sequencer: string
    }
    readonly 'request-id': string
    readonly requester: string
    readonly 'source-ip-address': string
    readonly reason: ObjectCreatedReason
  }
}

/** Writes the event for a creation. */
export function objectCreatedEvent(
  creation: ObjectCreation,
  place: { readonly account: string; readonly region: string },
): ObjectCreatedEvent {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': 'Object Created',
    source: 'aws.s3',
    account: place.account,
    time: `${new Date(creation.lastModified).toISOString().slice(0, 19)}Z`,
    region: place.region,
    resources: [`arn:aws:s3:::${creation.bucket}`],
    detail: {
      version: '0',
      bucket: { name: creation.bucket },
      object: {
        key: creation.key,
        size: creation.sizeBytes,
        etag: creation.etag,
        sequencer: creation.sequencer,
      },
      'request-id': creation.requestId,
      requester: place.account,
      'source-ip-address': '127.0.0.1',
      reason: creation.reason,
    },
  }
}
