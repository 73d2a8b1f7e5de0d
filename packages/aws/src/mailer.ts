import { BadRequestException, MessageRejected, SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2'
import { type Mail, type Mailer, MailRejected } from '@gen3d/jobs/ports'

export class SesMailer implements Mailer {
  readonly #from: string
  readonly #configurationSet: string | null
  readonly #client: SESv2Client
  constructor(from: string, configurationSet: string | null, client = new SESv2Client({})) {
    this.#from = from
    this.#configurationSet = configurationSet
    this.#client = client
  }

  async send({ to, subject, text, html }: Mail) {
    const content = (Data: string) => ({ Data, Charset: 'UTF-8' })
    const command = new SendEmailCommand({
      FromEmailAddress: this.#from,
      Destination: { ToAddresses: [to] },
      ConfigurationSetName: this.#configurationSet ?? undefined,
      Content: {
        Simple: { Subject: content(subject), Body: { Text: content(text), Html: content(html) } },
      },
    })
    try {
      await this.#client.send(command)
    } catch (error) {
      // The sandbox refuses every address that is not verified; an address that is none is a bad request.
      if (error instanceof MessageRejected || error instanceof BadRequestException) {
        throw new MailRejected(error.message, { cause: error })
      }
      throw error
    }
  }
}
