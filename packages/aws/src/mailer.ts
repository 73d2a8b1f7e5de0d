import { type Mail, type Mailer, MailRejected } from '@gen3d/jobs/ports'
import { AwsCallError, signedCall } from './signed-call.ts'

/** The sandbox refuses every address that is not verified; an address that is none is a bad request. */
const FINAL = new Set(['MessageRejected', 'BadRequestException'])

/** SES v2, SendEmail. */
export class SesMailer implements Mailer {
  readonly #from: string
  readonly #configurationSet: string | null
  constructor(from: string, configurationSet: string | null) {
    this.#from = from
    this.#configurationSet = configurationSet
  }

  async send({ to, subject, text, html }: Mail) {
    const content = (Data: string) => ({ Data, Charset: 'UTF-8' })
    const input = {
      FromEmailAddress: this.#from,
      Destination: { ToAddresses: [to] },
      ...(this.#configurationSet ? { ConfigurationSetName: this.#configurationSet } : {}),
      Content: {
        Simple: { Subject: content(subject), Body: { Text: content(text), Html: content(html) } },
      },
    }
    try {
      await signedCall({
        service: 'ses',
        host: 'email',
        endpointName: 'SESV2',
        path: '/v2/email/outbound-emails',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(input),
        // SES knows no idempotency token: the sweep tries again, under the job's lease.
        retries: 0,
      })
    } catch (error) {
      if (error instanceof AwsCallError && FINAL.has(error.type)) {
        throw new MailRejected(error.message, { cause: error })
      }
      throw error
    }
  }
}
