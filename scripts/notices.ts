// THIRD_PARTY_NOTICES.md: every package that ships (the page, the Lambdas, the CLI), from the lock file, with its
// licence. The local stack and the tools do not ship.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { ROOT } from './steps.ts'

const SHIPPED = ['apps/', 'services/', 'packages/']
const NOT_SHIPPED = ['packages/local']

interface Lock {
  importers: Record<string, { dependencies?: Record<string, { version: string }> }>
  snapshots: Record<
    string,
    {
      dependencies?: Record<string, string>
      optionalDependencies?: Record<string, string>
    }
  >
}

/** Keys of the lock file's snapshots that a shipped package needs, directly or not. */
function shippedPackages(lock: Lock): string[] {
  const seen = new Set<string>()
  const visit = (name: string, version: string) => {
    const key = lock.snapshots[version] ? version : `${name}@${version}`
    if (version.startsWith('link:') || seen.has(key) || !lock.snapshots[key]) return
    seen.add(key)
    for (const [child, childVersion] of Object.entries(lock.snapshots[key].dependencies ?? {}))
      visit(child, childVersion)
  }
  for (const [folder, importer] of Object.entries(lock.importers)) {
    if (!SHIPPED.some((prefix) => folder.startsWith(prefix)) || NOT_SHIPPED.includes(folder)) continue
    for (const [name, { version }] of Object.entries(importer.dependencies ?? {})) visit(name, version)
  }
  return [...seen].map((key) => key.replace(/\(.*$/, '')).sort()
}

function readLicence(key: string): { licence: string; text: string } {
  const name = key.slice(0, key.lastIndexOf('@'))
  // pnpm names a package's folder NAME@VERSION with / as +, and appends its peers.
  const store = join(ROOT, 'node_modules', '.pnpm')
  const prefix = key.replaceAll('/', '+')
  const folder = readdirSync(store).find((entry) => entry === prefix || entry.startsWith(`${prefix}_`))
  const path = folder && join(store, folder, 'node_modules', name)
  if (!path || !existsSync(path))
    throw new Error(`${key} is in the lock file but not installed. Run: npm start`)
  const manifest = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8')) as {
    license?: string | { type: string }
  }
  const licence =
    typeof manifest.license === 'string' ? manifest.license : (manifest.license?.type ?? 'see its text')
  const file = readdirSync(path).find((entry) => /^(licen[cs]e|copying)(\.|$)/i.test(entry))
  return {
    licence,
    text: file ? readFileSync(join(path, file), 'utf8').replaceAll('\r\n', '\n').trim() : '',
  }
}

/** The notices' text; throws when the lock file names a package that is not installed. */
export function toNotices(): string {
  const lock = parse(readFileSync(join(ROOT, 'pnpm-lock.yaml'), 'utf8')) as Lock
  const byText = new Map<string, { licence: string; keys: string[] }>()
  for (const key of new Set(shippedPackages(lock))) {
    const { licence, text } = readLicence(key)
    const group = byText.get(`${licence}\n${text}`)
    if (group) group.keys.push(key)
    else byText.set(`${licence}\n${text}`, { licence, keys: [key] })
  }
  const parts = [...byText].map(([text, { licence, keys }]) => {
    const body = text.slice(licence.length + 1)
    return `## ${licence}: ${keys.join(', ')}\n${body ? `\n\`\`\`\n${body}\n\`\`\`\n` : '\nNo licence file in the package; see its page.\n'}`
  })
  const learned =
    'Region and edge statistics of the preview engine: learned from COCO 2017 annotations (CC BY 4.0) and Flickr photos under CC BY 2.0 and CC BY-SA 2.0, and from cut-outs of TRELLIS (MIT, Microsoft) and TripoSR (MIT, Tripo AI and Stability AI).'
  return `# Third-party notices\n\nMade from pnpm-lock.yaml by \`pnpm fix\`; do not edit.\n\n${learned}\n\n${parts.join('\n')}`
}
