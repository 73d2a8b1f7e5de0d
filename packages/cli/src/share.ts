import { MAX_SHARE_DAYS } from '@gen3d/shared/limits'
import { sharedRoute } from '@gen3d/shared/names'
import { integerOption, onePositional } from './arguments.ts'
import type { Command } from './command.ts'
import { connect } from './connection.ts'
import { DEPLOYMENT_OPTIONS, findDeployment } from './deployment.ts'
import { EXIT } from './errors.ts'

export const share: Command = {
  summary: 'Make a link that shows a session’s objects to whoever has it.',
  usage: 'gen3d share SESSION [--days N]',
  options: {
    days: {
      value: 'N',
      help: `How long it holds, 1 to ${MAX_SHARE_DAYS} days (default 7). A link that is valid stays as it is.`,
    },
    ...DEPLOYMENT_OPTIONS,
  },
  examples: ['gen3d share SESSION', 'gen3d share SESSION --days 30 --json'],
  async run(args, terminal) {
    const sessionId = onePositional(args, 'SESSION')
    const days = integerOption(args, 'days', { min: 1, max: MAX_SHARE_DAYS })
    const { siteUrl } = await findDeployment(args, terminal)
    const client = await connect(args, terminal)
    const made = await client.shareSession(sessionId, { days }, { signal: terminal.signal })
    const url = siteUrl === null ? null : `${siteUrl}/${sharedRoute(made.token)}`
    if (args.has('json')) terminal.out(JSON.stringify({ ...made, url }))
    else {
      terminal.out(url ?? made.token)
      terminal.note(
        `Shows the objects, not the photo, until ${made.expires_at}. End it: gen3d unshare ${sessionId}`,
      )
    }
    return EXIT.ok
  },
}

export const unshare: Command = {
  summary: 'Make a session’s link worthless, at once.',
  usage: 'gen3d unshare SESSION',
  options: DEPLOYMENT_OPTIONS,
  examples: ['gen3d unshare SESSION'],
  async run(args, terminal) {
    const sessionId = onePositional(args, 'SESSION')
    const client = await connect(args, terminal)
    const answer = await client.unshareSession(sessionId, { signal: terminal.signal })
    terminal.out(args.has('json') ? JSON.stringify(answer) : `${sessionId} is not shared any more.`)
    return EXIT.ok
  },
}
