// .env.local of the functions' services: `sls invoke local --stage local` finds the running stack there.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const SERVICES = ['api', 'notify'] as const
const FILE = '.env.local'

/** Writes the files under `folder`/SERVICE; returns what removes them. */
export function writeEnvFiles(
  folder: string,
  environmentOf: (service: (typeof SERVICES)[number]) => Readonly<Record<string, string>>,
): () => void {
  const paths = SERVICES.map((service) => ({ service, path: join(folder, service, FILE) }))
  for (const { service, path } of paths) {
    const lines = Object.entries(environmentOf(service)).map(([name, value]) => `${name}=${value}\n`)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, lines.join(''), { mode: 0o600 })
  }
  return () => {
    for (const { path } of paths) rmSync(path, { force: true })
  }
}
