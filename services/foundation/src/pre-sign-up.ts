/** Cognito asks before it makes an account: with `signUp: domain` only addresses of the named domains may have one. */
import { ENV } from '@gen3d/shared/names'

interface PreSignUpEvent {
  readonly request: { readonly userAttributes: Readonly<Record<string, string>> }
}

/** Throws the sentence that the page shows; returns the event untouched otherwise. */
export async function handler<Event extends PreSignUpEvent>(event: Event): Promise<Event> {
  const domains = (process.env[ENV.signUpDomains] ?? '').toLowerCase().split(',').filter(Boolean)
  const domain = (event.request.userAttributes.email ?? '').toLowerCase().split('@').at(-1) ?? ''
  if (domains.includes(domain)) return event
  throw new Error(`Accounts are for addresses of ${domains.join(', ')}.`)
}
