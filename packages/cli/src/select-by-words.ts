import { basename } from 'node:path'
import type { JobStatus, SelectResponse } from '@gen3d/shared/api'
import { MAX_TEXT_LENGTH } from '@gen3d/shared/limits'
import { type Arguments, onePositional } from './arguments.ts'
import type { Command } from './command.ts'
import { connect } from './connection.ts'
import { DEPLOYMENT_OPTIONS } from './deployment.ts'
import { openDownload } from './download-files.ts'
import { CliError, EXIT, usageError } from './errors.ts'
import { readInput, writeOutput } from './files.ts'
import { followJob } from './follow-job.ts'
import { pathForObject, toMaskPath } from './outputs.ts'
import { checkPhoto, submitOnce, upload } from './submit.ts'
import type { Terminal } from './terminal.ts'

type Candidate = SelectResponse['candidates'][number]

export const selectByWords: Command = {
  summary: 'Find objects in a photo by words, with a deployment that can.',
  usage: 'gen3d select PHOTO --text WORDS [-o FILE.png]',
  options: {
    text: { value: 'WORDS', help: 'What to find: a noun, with what tells it from others.' },
    output: {
      value: 'FILE.png',
      short: 'o',
      help: 'Writes the masks; several: numbered before the ending, the likeliest first.',
    },
    ...DEPLOYMENT_OPTIONS,
  },
  examples: [
    'gen3d select photo.jpg --text "yellow duck" -o duck.png',
    'gen3d submit photo.jpg --mask duck.png -o duck.glb',
  ],
  async run(args, terminal) {
    const path = onePositional(args, 'PHOTO')
    const text = toText(args.get('text'))
    const maskPath = toMaskPath(args.get('output'))
    const photo = await readInput(terminal.folder, path)
    const contentType = checkPhoto(photo, path)
    const client = await connect(args, terminal)
    const { text_prompts, engine } = await client.readCapabilities({ signal: terminal.signal })
    // Known before anything is uploaded.
    if (!text_prompts) {
      throw new CliError(`The engine there, ${engine}, finds nothing by words. Give clicks or a box instead.`)
    }
    const session_id = await upload(client, { photo, contentType, name: basename(path) }, terminal)
    const job = await submitOnce((call) => client.select({ session_id, text }, call), terminal)
    const status = await followJob(client, job.job_id, terminal)
    const found = toCandidates(status)
    report(status, found, await saveMasks(found, maskPath, terminal), args, terminal)
    return EXIT.ok
  },
}

function toText(given: string | undefined): string {
  const text = given?.trim() ?? ''
  if (text !== '' && text.length <= MAX_TEXT_LENGTH) return text
  throw usageError(`Say what to find with --text "yellow duck": 1 to ${MAX_TEXT_LENGTH} characters.`)
}

function toCandidates({ job_id, result }: JobStatus): readonly Candidate[] {
  if (result && 'candidates' in result) return result.candidates
  throw new CliError(`Job ${job_id} has no result any more. Ask again.`)
}

/** Resolves with the masks' paths in the candidates' order; none where no path was given. */
async function saveMasks(
  found: readonly Candidate[],
  path: string | null,
  terminal: Terminal,
): Promise<readonly string[]> {
  if (path === null) return []
  const targets = found.map((_, index) =>
    pathForObject(path, { extension: 'png', count: found.length, name: `${index + 1}`, index }),
  )
  for (const [index, { mask_url }] of found.entries()) {
    const body = await openDownload(mask_url, terminal.signal)
    await writeOutput(terminal.folder, targets[index], body, { signal: terminal.signal })
  }
  return targets
}

function report(
  { job_id, session_id }: JobStatus,
  found: readonly Candidate[],
  paths: readonly string[],
  args: Arguments,
  terminal: Terminal,
): void {
  if (args.has('json')) {
    const candidates = found.map(({ score, box }, i) => ({ score, box, ...(paths[i] && { path: paths[i] }) }))
    terminal.out(JSON.stringify({ job_id, session_id, candidates }))
    return
  }
  if (found.length === 0) terminal.note('Nothing like that was found. Try other words, or clicks.')
  for (const [i, { score, box }] of found.entries()) {
    terminal.out([score.toFixed(2), box.join(','), ...(paths[i] ? [paths[i]] : [])].join('  '))
  }
}
