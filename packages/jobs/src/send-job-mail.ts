import { isOpen } from '@gen3d/shared/job-states'
import { toJobMail, toOperatorMail } from './job-mail.ts'
import { type Mail, MailRejected } from './ports.ts'
import type { JobRecord, SessionRow } from './records.ts'
import { addSeconds } from './time.ts'
import type { World } from './world.ts'

/** Longer than a send can take: after it the sender is taken for dead. */
const LEASE_SECONDS = 120
const RETRY_SECONDS = 60

type Needs = Pick<World, 'jobs' | 'sessions' | 'mailer' | 'clock' | 'log' | 'settings'>

/**
 * Sends a job's one mail: claim with a lease, send, mark. A second mail goes out only after a crash between the two,
 * and is counted. A rejection is final; anything else is tried again by the sweep.
 */
export async function sendJobMail(world: Needs, jobId: string): Promise<void> {
  const job = await world.jobs.get(jobId)
  if (job?.mail !== 'pending' || !job.email || isOpen(job.state)) return
  const session = await world.sessions.get(job.sub, job.sessionId)
  if (!session || session.deletedAt) {
    await world.jobs.update(jobId, { mail: 'none', dueAt: null })
    return
  }
  const now = world.clock.now()
  const leaseUntil = addSeconds(now, LEASE_SECONDS)
  if (!(await world.jobs.claimMail(jobId, now.toISOString(), leaseUntil))) return
  // A lease that nobody gave back: its holder died, perhaps after the mail had gone.
  const duplicates = job.mailDuplicates + (job.mailLeaseUntil === null ? 0 : 1)
  const outcome = await trySend(world, job, toJobMail(world.settings.siteUrl, job, job.email, session.name))
  if (outcome === 'later') {
    await world.jobs.update(jobId, { mailLeaseUntil: null, dueAt: addSeconds(now, RETRY_SECONDS) })
    return
  }
  await world.jobs.update(jobId, {
    mail: outcome,
    mailLeaseUntil: null,
    mailDuplicates: duplicates,
    dueAt: null,
  })
  world.log.info('job mail', { job_id: jobId, mail: outcome, duplicates })
  await copyToOperator(world, job, session)
}

async function trySend(world: Needs, job: JobRecord, mail: Mail): Promise<'sent' | 'rejected' | 'later'> {
  try {
    await world.mailer.send(mail)
    return 'sent'
  } catch (error) {
    if (error instanceof MailRejected) return 'rejected'
    world.log.error('mail not sent, will be tried again', { job_id: job.jobId, error: String(error) })
    return 'later'
  }
}

/** The operator's copy is a courtesy: it is never tried again. */
async function copyToOperator(world: Needs, job: JobRecord, session: SessionRow): Promise<void> {
  const { mailOperator } = world.settings
  if (!mailOperator) return
  try {
    await world.mailer.send(toOperatorMail(mailOperator, job, session.name))
  } catch (error) {
    world.log.warn('operator copy not sent', { job_id: job.jobId, error: String(error) })
  }
}
