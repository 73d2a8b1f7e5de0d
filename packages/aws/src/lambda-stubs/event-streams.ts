/** Stands in for @smithy/core/event-streams in Lambda bundles (15 kB): of S3 only SelectObjectContent streams events. */
const refuse = (): never => {
  throw new Error('event streams are left out of this bundle: see deploy/esbuild.yml')
}

export const resolveEventStreamSerdeConfig = <T>(config: T): T => config
export const eventStreamSerdeProvider = refuse
export class EventStreamSerde {
  constructor() {
    refuse()
  }
}
