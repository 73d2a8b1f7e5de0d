import { list, render } from './render.ts'
import { allResources, type Combination } from './templates.ts'

export interface Statement {
  readonly at: string
  readonly effect: string
  readonly actions: readonly string[]
  readonly resources: readonly string[]
  readonly notResources: readonly string[]
  readonly principal: unknown
  readonly condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

function statements(at: string, document: unknown): Statement[] {
  return list((document as { Statement: unknown }).Statement).map((one) => {
    const { Effect, Action, Resource, NotResource, Principal, Condition, Sid } = one as Record<string, never>
    return {
      at: `${at}${Sid ? `.${Sid}` : ''}`,
      effect: Effect,
      actions: list(Action).map(String),
      resources: list(Resource).map(render),
      notResources: list(NotResource).map(render),
      principal: Principal,
      condition: Condition ?? {},
    }
  })
}

/** What roles may do. */
export function roleStatements(combination: Combination): (Statement & { role: string })[] {
  return allResources(combination)
    .filter(({ Type }) => Type === 'AWS::IAM::Role')
    .flatMap(({ at, Properties }) =>
      list(Properties.Policies).flatMap((policy) =>
        statements(at, (policy as { PolicyDocument: unknown }).PolicyDocument).map((one) => ({
          ...one,
          role: at,
        })),
      ),
    )
}

/** Who may take roles. */
export function trustStatements(combination: Combination): Statement[] {
  return allResources(combination)
    .filter(({ Type }) => Type === 'AWS::IAM::Role')
    .flatMap(({ at, Properties }) => statements(at, Properties.AssumeRolePolicyDocument))
}

/** What resources let others do with them. */
export function resourceStatements(combination: Combination): Statement[] {
  return allResources(combination)
    .filter(({ Properties }) => 'PolicyDocument' in Properties)
    .flatMap(({ at, Properties }) => statements(at, Properties.PolicyDocument))
}
