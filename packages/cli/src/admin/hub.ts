/** Asks the models' publisher, before a build is started, whether it will give every file, and whether they are ours. */
import { CliError } from '../errors.ts'
import type { PublishedFile, WeightsManifest, WeightsSource } from './weights-manifest.ts'

export interface Hub {
  readonly token: string
  /** HF_ENDPOINT, as the hub's own clients read it. */
  readonly endpoint?: string
  readonly signal?: AbortSignal
}

const ENDPOINT = 'https://huggingface.co'
const TOKENS = 'https://huggingface.co/settings/tokens'
const REDIRECTS = 5

/** Throws with all that is wrong: each licence that is not accepted, each file that is not the one of weights.json. */
export async function checkHub({ sources }: WeightsManifest, hub: Hub): Promise<void> {
  const faults = (await Promise.all(sources.map((source) => findFaults(source, hub)))).flat()
  if (faults.length > 0) throw new CliError(faults.join('\n'))
}

async function findFaults(source: WeightsSource, hub: Hub): Promise<string[]> {
  const faults: string[] = []
  for (const file of source.files) {
    const answer = await ask(source, file, hub)
    const closed = whyClosed(source, answer)
    // A repository is closed as a whole.
    if (closed) return [closed]
    const fault = findFault(source, file, answer)
    if (fault) faults.push(fault)
  }
  return faults
}

/** The hub's own record of a file: follows redirects within the hub, not the one to its storage. */
async function ask(
  { repository, revision }: WeightsSource,
  { name }: PublishedFile,
  { token, endpoint = ENDPOINT, signal }: Hub,
): Promise<Response> {
  let url = new URL(`/${repository}/resolve/${revision}/${name}`, endpoint)
  for (let i = 0; i < REDIRECTS; i++) {
    const answer = await fetch(url, {
      method: 'HEAD',
      redirect: 'manual',
      headers: { authorization: `Bearer ${token}`, 'accept-encoding': 'identity' },
      signal,
    }).catch((cause) => {
      signal?.throwIfAborted()
      throw new CliError(`${url.origin} does not answer. Is this machine online?`, undefined, { cause })
    })
    const location = answer.headers.get('location')
    const next = location ? new URL(location, url) : null
    if (answer.status < 300 || answer.status > 399 || !next || next.origin !== url.origin) return answer
    url = next
  }
  throw new CliError(`${url} redirects without an end.`)
}

function whyClosed({ repository, accept_at }: WeightsSource, { status, headers }: Response): string | null {
  if (status === 403 || (status === 401 && headers.get('x-error-code') === 'GatedRepo' && accept_at))
    return (
      `${repository} is not open to this token: accept its licence at ${accept_at}, as the person whose token it is, ` +
      'wait for the approval, and let the token read gated repositories.'
    )
  if (status === 401) return `${repository}: the token is not valid. Make one at ${TOKENS}.`
  return null
}

function findFault(
  { folder, repository, revision }: WeightsSource,
  { name, bytes, sha256 }: PublishedFile,
  { status, headers }: Response,
): string | null {
  const path = `${folder}/${name}`
  if (status === 404) return `${path}: ${repository} has no ${name} at ${revision}.`
  if (status >= 400) return `${path}: the hub answers ${status}. Try again later.`
  const size = Number(headers.get('x-linked-size') ?? headers.get('content-length'))
  const etag = (headers.get('x-linked-etag') ?? headers.get('etag') ?? '').replace(/^W\/|"/g, '')
  if (!sha256) return null
  // Small files are on record by git's name of their content: that one is compared when they are fetched.
  const same = size === bytes && (etag === sha256 || /^[0-9a-f]{40}$/.test(etag))
  return same ? null : `${path}: the hub has another file (${size} bytes, ${etag}) than weights.json expects.`
}
