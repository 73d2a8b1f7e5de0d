import { isTree } from './serverless-yaml.ts'

/**
 * Works out joins and substitutions of plain texts and pseudo parameters (`AWS::Region`: `pseudo`); every other
 * CloudFormation value is left as it is.
 */
export function evaluateIntrinsics(value: unknown, pseudo: Readonly<Record<string, string>>): unknown {
  if (!isTree(value)) return value
  const { 'Fn::Join': join, 'Fn::Sub': template, Ref: reference } = value
  if (Array.isArray(join) && Array.isArray(join[1])) {
    const parts = join[1].map((part) => evaluateIntrinsics(part, pseudo))
    return parts.some((part) => typeof part === 'object') ? value : parts.join(String(join[0]))
  }
  if (typeof template === 'string') {
    const text = template.replace(/\$\{([^}]+)\}/g, (whole, name: string) => pseudo[name] ?? whole)
    return text.includes('${') ? value : text
  }
  return typeof reference === 'string' ? (pseudo[reference] ?? value) : value
}
