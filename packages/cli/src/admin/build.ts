import type { Builds } from '@gen3d/aws/admin/builds'
import { CliError } from '../errors.ts'
import type { Terminal } from '../terminal.ts'

const POLL_SECONDS = 10
/** The longest time-out of the two projects, and the queue before it. */
const PATIENCE_SECONDS = 4 * 3600

/** Waits for a build and tells its phases; throws with where to read on when it fails. */
export async function followBuild(
  builds: Builds,
  id: string,
  terminal: Terminal,
  pollSeconds = POLL_SECONDS,
): Promise<void> {
  let phase = ''
  for (let waited = 0; waited < PATIENCE_SECONDS; waited += pollSeconds) {
    terminal.signal.throwIfAborted()
    const build = await builds.read(id)
    if (build.phase !== phase) terminal.note(`${build.phase.toLowerCase().replaceAll('_', ' ')} …`)
    phase = build.phase
    if (build.status === 'SUCCEEDED') return
    if (build.status !== 'IN_PROGRESS') {
      throw new CliError(
        `The build ended with ${build.status}. Read why: ${build.log ?? `CodeBuild, build ${id}`}`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, pollSeconds * 1000))
  }
  throw new CliError(`The build ${id} has not ended after 4 hours. Stop it in CodeBuild and read its log.`)
}
