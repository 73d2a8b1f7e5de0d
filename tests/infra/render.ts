/** A value of a template as text: pseudo parameters filled, references kept as <Name>. */
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': '000000000000',
  'AWS::Partition': 'aws',
  'AWS::Region': 'REGION',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'STACK',
}

type Tree = Readonly<Record<string, unknown>>

export function render(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  if (Array.isArray(value)) return value.map(render).join(',')
  const [[name, argument]] = Object.entries(value as Tree)
  switch (name) {
    case 'Ref':
      return PSEUDO[argument as string] ?? `<${argument}>`
    case 'Fn::GetAtt':
      return `<${Array.isArray(argument) ? argument.join('.') : argument}>`
    case 'Fn::ImportValue':
      return `<import ${render(argument)}>`
    case 'Fn::Join': {
      const [separator, parts] = argument as [string, unknown[]]
      return parts.map(render).join(separator)
    }
    case 'Fn::Sub': {
      const [text, names] = (Array.isArray(argument) ? argument : [argument, {}]) as [string, Tree]
      return text.replace(/\$\{(!?)([^}]+)\}/g, (_, literal, key) =>
        literal ? `\${${key}}` : key in names ? render(names[key]) : (PSEUDO[key] ?? `<${key}>`),
      )
    }
    case 'Fn::If': {
      const [condition, yes, no] = argument as [string, unknown, unknown]
      return `(${condition}? ${render(yes)} : ${render(no)})`
    }
    default:
      return JSON.stringify(value)
  }
}

/** A list where a template also takes a single value. */
export function list(value: unknown): unknown[] {
  return value === undefined ? [] : Array.isArray(value) ? value : [value]
}
