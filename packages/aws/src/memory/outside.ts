/** In-memory twins of the ports that reach outside: endpoint, mail, accounts. They remember what was asked of them. */
import {
  type Accounts,
  type EndpointObserver,
  type EndpointSnapshot,
  type InferenceEndpoint,
  type Invocation,
  type Mail,
  type Mailer,
  MailRejected,
} from '@gen3d/jobs/ports'

export class MemoryEndpoint implements InferenceEndpoint, EndpointObserver {
  queues = true
  readonly calls: Invocation[] = []
  snapshot: EndpointSnapshot = { status: 'ready', instances: 1 }
  /** Thrown by the next invocations while set. */
  failure: Error | null = null

  async invoke(call: Invocation) {
    if (this.failure) throw this.failure
    this.calls.push(call)
    return { failureKey: `failures/${call.jobId}-error.out` }
  }

  async describe() {
    return this.snapshot
  }
}

export class MemoryMailer implements Mailer {
  readonly sent: Mail[] = []
  /** Thrown by the next sends while set. */
  failure: Error | null = null
  readonly rejected = new Set<string>()

  async send(mail: Mail) {
    if (this.failure) throw this.failure
    if (this.rejected.has(mail.to)) throw new MailRejected('this address takes no mail')
    this.sent.push(mail)
  }
}

export class MemoryAccounts implements Accounts {
  readonly deleted: string[] = []

  async deleteUser(username: string) {
    this.deleted.push(username)
  }
}
