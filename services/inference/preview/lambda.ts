/** The embedded engine as a Lambda: the event is the request. */
import { createPreviewEngine } from '@gen3d/preview/engine'
import { createJobRunner } from './job-runner.ts'
import { createJsonLog } from './json-log.ts'

const run = createJobRunner(createJsonLog('preview'))
const engine = createPreviewEngine()

/** Throws what an endpoint would answer with an error status, so that the failure destination hears of it. */
export async function handler(event: unknown): Promise<unknown> {
  const { status, body } = await run(event, engine)
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body
}
