// An AWS that holds deployed resources behind one address (an emulator), asked as its operator.
import { AwsClient } from 'aws4fetch'
import type { SigningKey } from '../sigv4.ts'

export interface AwsPlace {
  /** One address for every service, without a slash at the end. */
  readonly endpoint: string
  readonly region: string
  /** Who asks. */
  readonly operator: SigningKey
}

export interface AwsCalls {
  readonly place: AwsPlace
  /** A REST call; throws what the service answered when that is no 2xx. */
  readonly rest: (
    service: string,
    path: string,
    init?: {
      readonly method?: string
      readonly headers?: Readonly<Record<string, string>>
      readonly body?: string
    },
  ) => Promise<Response>
  /** A call of a service that speaks AWS JSON 1.1; `target` is `Service.Operation`. */
  readonly json: (service: string, target: string, input: object) => Promise<Record<string, unknown>>
  /** A session of a role, as the service that its trust policy names takes it; throws when that policy says no. */
  readonly takeRole: (roleArn: string, service: string) => Promise<SigningKey>
}

/** Opens the calls; nothing is asked before the first one. */
export function openAwsCalls(place: AwsPlace): AwsCalls {
  const { accessKeyId, secretAccessKey, sessionToken } = place.operator
  const clientOf = (service: string) =>
    new AwsClient({ accessKeyId, secretAccessKey, sessionToken, service, region: place.region, retries: 0 })

  const rest: AwsCalls['rest'] = async (service, path, init) => {
    const answer = await clientOf(service).fetch(`${place.endpoint}${path}`, init)
    if (answer.ok) return answer
    throw new Error(`${service} ${path}: ${answer.status} ${await answer.text()}`)
  }
  return {
    place,
    rest,
    async json(service, target, input) {
      const headers = { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': target }
      const answer = await rest(service, '/', { method: 'POST', headers, body: JSON.stringify(input) })
      return (await answer.json()) as Record<string, unknown>
    },
    async takeRole(roleArn, service) {
      const query = new URLSearchParams({ role: roleArn, service })
      return (await (await rest('sts', `/_gen3d/role-session?${query}`)).json()) as SigningKey
    },
  }
}
