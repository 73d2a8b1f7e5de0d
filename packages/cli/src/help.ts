import type { Options } from './arguments.ts'
import { COMMON_OPTIONS, type Command } from './command.ts'

const COLUMN = 30
const WIDTH = 100

/** The list of commands, with the exit codes. */
export function overview(commands: Readonly<Record<string, Command>>): string {
  const list = Object.entries(commands).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`)
  return `gen3d: a photo becomes a 3D object.

Usage: gen3d COMMAND …        gen3d COMMAND --help

${list.join('\n')}

Example: gen3d make photo.jpg --click 400,300 -o chair.glb

Pixels count from the top left corner of the upright photo, from 0.
Commands that drive a deployment take --api URL (the site’s address), else the local stack of "npm start" that runs
in this folder or above, else where you last signed in.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not signed in, 4 the job failed, 130 interrupted.`
}

/** Usage, options and examples of one command. */
export function helpOf({ summary, usage, options, examples }: Command): string {
  const all: Options = { ...options, ...COMMON_OPTIONS }
  const rows = Object.entries(all).map(([name, { value, short, help }]) => {
    const left = `  ${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`
    const lines = wrap(help, WIDTH - COLUMN)
    const head = left.length < COLUMN - 1 ? left.padEnd(COLUMN) : `${left}\n${' '.repeat(COLUMN)}`
    return head + lines.join(`\n${' '.repeat(COLUMN)}`)
  })
  return `${summary}

Usage: ${usage}

${rows.join('\n')}

Examples:
${examples.map((example) => `  ${example}`).join('\n')}`
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return [...lines, line]
}
