import type { PoolMail } from './pool.ts'

// The same two sentences that the pool's template holds on AWS ({####} and {username} filled in).
function toMail(to: string, subject: string, lines: readonly string[]): PoolMail {
  const escaped = lines.map((line) => line.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;'))
  return { to, subject, text: `${lines.join('\n')}\n`, html: `<p>${escaped.join('<br>')}</p>` }
}

export function toConfirmationMail(to: string, code: string): PoolMail {
  return toMail(to, 'Your Gen3D confirmation code', [
    `Your confirmation code is ${code}.`,
    'It holds for 24 hours.',
  ])
}

export function toResetMail(to: string, code: string): PoolMail {
  return toMail(to, 'Your Gen3D password reset code', [
    `Your password reset code is ${code}.`,
    'It holds for 1 hour.',
  ])
}

export function toInvitationMail(to: string, password: string): PoolMail {
  return toMail(to, 'Your Gen3D account', [
    `Your user name is ${to} and your temporary password is ${password}`,
    'You choose your own password when you first sign in. The temporary one holds for 7 days.',
  ])
}
