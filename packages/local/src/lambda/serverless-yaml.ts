import { readFileSync } from 'node:fs'
import { isCollection, parse, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml'

const intrinsics =
  'Ref Condition Base64 Cidr FindInMap GetAtt GetAZs If ImportValue Join Select Split Sub And Equals Not Or Transform'.split(
    ' ',
  )

// `!GetAtt Table.Arn` is short for {'Fn::GetAtt': ['Table', 'Arn']}; Ref and Condition carry no `Fn::`.
function toIntrinsic(name: string, argument: unknown): object {
  if (name === 'Ref' || name === 'Condition') return { [name]: argument }
  const isPath = name === 'GetAtt' && typeof argument === 'string'
  return { [`Fn::${name}`]: isPath ? String(argument).split('.') : argument }
}

const customTags = intrinsics.flatMap((name) => [
  { tag: `!${name}`, resolve: (text: string) => toIntrinsic(name, text) },
  ...(['seq', 'map'] as const).map((collection) => ({
    tag: `!${name}`,
    collection,
    resolve: (node: YAMLMap | YAMLSeq | Scalar) =>
      toIntrinsic(name, isCollection(node) ? node.toJSON() : node),
  })),
])

/** Reads a YAML or JSON file; CloudFormation's short tags become the objects that they stand for. */
export function readYaml(path: string): unknown {
  return parse(readFileSync(path, 'utf8'), { customTags, merge: true })
}

/** A mapping of a YAML file. */
export type Tree = Readonly<Record<string, unknown>>

export function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A section may be a list of parts, each from a file of its own. */
export function toParts(value: unknown): Tree[] {
  return (Array.isArray(value) ? value : [value]).filter(isTree)
}
