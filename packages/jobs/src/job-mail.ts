/** The words of the mails. They link to the page and carry no signed address: those die within minutes. */
import { JOB_ERRORS } from '@gen3d/shared/errors'
import { sessionRoute } from '@gen3d/shared/names'
import type { Mail } from './ports.ts'
import type { JobRecord } from './records.ts'

interface Words {
  readonly subject: string
  readonly lines: readonly string[]
  readonly link: string
}

function toWords(job: JobRecord, photoName: string): Words {
  if (job.state === 'COMPLETED' && job.kind === 'embed') {
    return {
      subject: `Your photo is ready: ${photoName}`,
      lines: [`“${photoName}” is ready: select the object in it.`],
      link: 'Select the object',
    }
  }
  if (job.state === 'COMPLETED') {
    return {
      subject: `Your 3D object is ready: ${photoName}`,
      lines: [`Your 3D object of “${photoName}” is ready: look at it, turn it, download it.`],
      link: 'See the object',
    }
  }
  const reason = job.errorCode ? JOB_ERRORS[job.errorCode].message : ''
  // A late result turns the job into a success; the same link then shows it, without a second mail.
  const late = job.state === 'EXPIRED' || job.errorCode === 'timed_out'
  return {
    subject: `It did not work: ${photoName}`,
    lines: [
      `The work on “${photoName}” ended without a result.`,
      reason,
      ...(late ? ['Should a result still arrive, you will find it under the same link.'] : []),
    ],
    link: 'Open the session',
  }
}

/** The mail to the person, in HTML and text. */
export function toJobMail(siteUrl: string, job: JobRecord, to: string, photoName: string): Mail {
  const { subject, lines, link } = toWords(job, photoName)
  const url = `${siteUrl}${sessionRoute(job.sessionId)}`
  const footer = 'You get this mail because you started this job on Gen3D.'
  return {
    to,
    subject: oneLine(subject),
    text: [...lines, `${link}: ${url}`, footer].join('\n\n'),
    html: [
      '<!doctype html><html lang="en"><body style="font:16px/1.5 system-ui,sans-serif;color:#222">',
      ...lines.map((line) => `<p>${escapeHtml(line)}</p>`),
      `<p><a href="${escapeHtml(url)}">${escapeHtml(link)}</a></p>`,
      `<p style="color:#777;font-size:13px">${escapeHtml(footer)}</p>`,
      '</body></html>',
    ].join('\n'),
  }
}

/** The copy to whoever runs the deployment: what happened, not to whom. */
export function toOperatorMail(to: string, job: JobRecord, photoName: string): Mail {
  const facts = [
    `job ${job.jobId}`,
    `kind ${job.kind}`,
    `state ${job.state}`,
    `error ${job.errorCode ?? 'none'}`,
    `photo ${photoName}`,
  ]
  const items = facts.map((fact) => `<li>${escapeHtml(fact)}</li>`).join('')
  return {
    to,
    subject: `Gen3D job ${job.state}: ${job.kind}`,
    text: facts.join('\n'),
    html: `<!doctype html><html lang="en"><body><ul>${items}</ul></body></html>`,
  }
}

const ESCAPES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character])
}

/** A name with a line break must not start another mail header. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}
