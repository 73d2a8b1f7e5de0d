import type { Session } from '@gen3d/shared/api'
import { MAX_NAME_LENGTH, MAX_SESSIONS_PER_PAGE } from '@gen3d/shared/limits'
import { integerOption, noPositionals, onePositional } from './arguments.ts'
import type { Command } from './command.ts'
import { connect } from './connection.ts'
import { DEPLOYMENT_OPTIONS } from './deployment.ts'
import { CliError, EXIT, usageError } from './errors.ts'
import { ask } from './prompt.ts'

const DEFAULT_LIMIT = 20
const MAX_LIMIT = 10_000

export const sessions: Command = {
  summary: 'List your photos and what was made of them, newest first.',
  usage: 'gen3d sessions [--limit N]',
  options: {
    limit: { value: 'N', help: `How many at most (default ${DEFAULT_LIMIT}).` },
    ...DEPLOYMENT_OPTIONS,
  },
  examples: ['gen3d sessions', 'gen3d sessions --limit 100 --json'],
  async run(args, terminal) {
    noPositionals(args)
    const limit = integerOption(args, 'limit', { min: 1, max: MAX_LIMIT }) ?? DEFAULT_LIMIT
    const client = await connect(args, terminal)
    const found: Session[] = []
    let cursor: string | null = null
    do {
      const page: { sessions: Session[]; next_cursor: string | null } = await client.listSessions(
        {
          limit: Math.min(MAX_SESSIONS_PER_PAGE, limit - found.length),
          ...(cursor !== null && { cursor }),
        },
        { signal: terminal.signal },
      )
      found.push(...page.sessions)
      cursor = page.next_cursor
    } while (cursor !== null && found.length < limit)
    if (args.has('json')) terminal.out(JSON.stringify({ sessions: found, next_cursor: cursor }))
    else if (found.length === 0)
      terminal.note('No sessions yet. Begin with gen3d submit photo.jpg --click X,Y …')
    else for (const session of found) terminal.out(describeSession(session))
    return EXIT.ok
  },
}

export const rename: Command = {
  summary: 'Give a session another name.',
  usage: 'gen3d rename SESSION NAME',
  options: DEPLOYMENT_OPTIONS,
  examples: ['gen3d rename SESSION "Kitchen chair"'],
  async run(args, terminal) {
    const [sessionId, name, more] = args.positionals
    if (name === undefined) throw usageError('SESSION and NAME are needed.')
    if (more !== undefined) throw usageError(`"${more}" is one too many: put the name in quotes.`)
    if (!name.trim() || name.length > MAX_NAME_LENGTH) {
      throw usageError(`NAME takes 1 to ${MAX_NAME_LENGTH} characters.`)
    }
    const client = await connect(args, terminal)
    const session = await client.renameSession(sessionId, { name }, { signal: terminal.signal })
    terminal.out(args.has('json') ? JSON.stringify(session) : `${sessionId} is now "${session.name}".`)
    return EXIT.ok
  },
}

export const remove: Command = {
  summary: 'Delete a session with everything made of it, for good.',
  usage: 'gen3d delete SESSION [--yes]',
  options: { yes: { help: 'Does not ask.' }, ...DEPLOYMENT_OPTIONS },
  examples: ['gen3d delete SESSION', 'gen3d delete SESSION --yes'],
  async run(args, terminal) {
    const sessionId = onePositional(args, 'SESSION')
    if (!args.has('yes')) {
      const answer = await ask(terminal, `Delete ${sessionId}, its photo and its objects? [y/N] `, {
        instead: 'Give --yes to delete without being asked.',
      })
      if (!/^y(es)?$/i.test(answer.trim())) throw new CliError('Nothing was deleted.')
    }
    const client = await connect(args, terminal)
    const answer = await client.deleteSession(sessionId, { signal: terminal.signal })
    terminal.out(args.has('json') ? JSON.stringify(answer) : `Deleted ${sessionId}.`)
    return EXIT.ok
  },
}

function describeSession({ session_id, created_at, state, name, jobs, shared_until }: Session): string {
  const shared = shared_until === null ? '' : `  (shared until ${shared_until})`
  const made = jobs.map(({ job_id, kind, state: now }) => `\n    ${kind} ${now}  ${job_id}`).join('')
  return `${session_id}  ${created_at}  ${state.padEnd(9)}  ${name}${shared}${made}`
}
