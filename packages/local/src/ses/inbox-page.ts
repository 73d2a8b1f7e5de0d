import { createHash } from 'node:crypto'
import type { StoredMail } from './mail-log.ts'

const style = `
  :root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
  details { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .6rem 0 }
  summary { cursor: pointer }
  small { opacity: .7 }
  pre { white-space: pre-wrap; overflow-wrap: anywhere }
  iframe { width: 100%; height: 16rem; border: 0; background: #fff; border-radius: .4rem }`

// Looks for a new mail without losing what is open: the page is loaded anew only when the list changed.
const script = `
  const shown = document.body.dataset.shown
  setInterval(async () => {
    const mails = await (await fetch('/messages')).json().catch(() => null)
    if (mails && mails.map((mail) => mail.id).join() !== shown) location.reload()
  }, 2000)`

const sha256 = createHash('sha256').update(script).digest('base64')

/** Headers of the page: only its own script runs, and nothing that a mail brings along. */
export const inboxHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Cache-Control': 'no-store',
  'Content-Security-Policy': `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${sha256}'; connect-src 'self'; frame-src 'self'; img-src data: http: https:; base-uri 'none'; form-action 'none'`,
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (letter) => entities[letter])

// A sandbox without scripts and without this page's origin; links open beside it.
function toFrame(html: string): string {
  const document = `<base target="_blank">${html}`
  return `<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" title="HTML mail" srcdoc="${escapeHtml(document)}"></iframe>`
}

function toEntry(mail: StoredMail, isNewest: boolean): string {
  const when = mail.sent_at.replace('T', ' ').slice(0, 19)
  return `<details${isNewest ? ' open' : ''}>
<summary><b>${escapeHtml(mail.subject)}</b><br><small>to ${escapeHtml(mail.to.join(', '))}, from ${escapeHtml(mail.from)}, ${when} UTC</small></summary>
${mail.text === null ? '' : `<pre>${escapeHtml(mail.text)}</pre>`}
${mail.html === null ? '' : toFrame(mail.html)}
</details>`
}

/** The inbox as an HTML page, newest mail first; everything in a mail is escaped. */
export function toInboxPage(mails: readonly StoredMail[]): string {
  const newestFirst = [...mails].reverse()
  const shown = newestFirst.map((mail) => mail.id).join()
  const entries = newestFirst.map((mail, index) => toEntry(mail, index === 0)).join('\n')
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Inbox (${mails.length})</title><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,"><style>${style}</style></head>
<body data-shown="${escapeHtml(shown)}"><h1>Inbox</h1>
<p><small>Every mail of the local stack ends here; none leaves this machine.</small></p>
${entries || '<p>No mail yet.</p>'}
<script>${script}</script></body></html>`
}
