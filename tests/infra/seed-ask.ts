/** The calls with which the seed's rows are read from what is deployed. */
import type { AwsCalls } from '@gen3d/local/deployed/aws-calls'

export interface SeedRow {
  readonly phase: number
  readonly row: string
  /** `service.LogicalId` in the packaged template. */
  readonly at: string
  /** The row in the emulator. */
  readonly held: (ask: Ask) => Promise<unknown>
  readonly as: unknown
  /** Stands only once the engine is sam3d, with image and weights. */
  readonly gpu?: true
}

export type Fields = Record<string, unknown>
export const pick = (from: unknown, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, (from as Fields)[name]]))

export type Ask = ReturnType<typeof createAsk>

export function createAsk(calls: AwsCalls, bucket: string, userPoolId: string) {
  const recorded = async () => {
    const answer = await calls.rest('sts', '/_gen3d/recorded')
    return (await answer.json()) as Record<string, { Type: string; Properties: Record<string, never> }>
  }
  const rest = async <T>(service: string, path: string) =>
    (await (await calls.rest(service, path)).json()) as T
  return {
    bucket,
    userPoolId,
    rest,
    json: calls.json,
    /** A part of the bucket's settings as XML without spaces. */
    settings: async (part: string) =>
      (await (await calls.rest('s3', `/${bucket}?${part}`)).text()).replace(/>\s+</g, '><'),
    async role(name: string) {
      const body = new URLSearchParams({
        Action: 'GetRole',
        RoleName: name,
        Version: '2010-05-08',
      }).toString()
      const headers = { 'Content-Type': 'application/x-www-form-urlencoded' }
      const text = await (await calls.rest('iam', '/', { method: 'POST', headers, body })).text()
      return /<RoleName>([^<]+)</.exec(text)?.[1]
    },
    /** Properties of the recorded resource of a type; `field` and `value` tell which. */
    async recorded(type: string, field: string, value: string) {
      const found = Object.values(await recorded()).filter(
        ({ Type, Properties }) => Type === type && Properties[field] === value,
      )
      return found.length === 1 ? found[0].Properties : found
    },
  }
}
