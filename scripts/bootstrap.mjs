// Installs the dependencies when they are missing or older than the lock file, so that `npm start` and `npm test`
// work in a bare clone. Runs before anything is installed: plain JavaScript, Node built-ins only.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The one place that names the package manager's version. */
const PNPM = 'pnpm@12.21.0'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(
    `Gen3D needs Node 20.19 or newer; this is ${process.versions.node}. Get it from https://nodejs.org.`,
  )
  process.exit(1)
}

const stamp = join(root, 'node_modules', '.gen3d-lock-hash')
const wanted = createHash('sha256')
  .update(readFileSync(join(root, 'pnpm-lock.yaml')))
  .digest('hex')
if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) process.exit(0)

console.log('Installing dependencies (once; about a minute) …')
// One string through the shell: npx is a .cmd on Windows, which cannot be spawned without one.
const done = spawnSync(`npx --yes ${PNPM} install --frozen-lockfile`, {
  cwd: root,
  stdio: 'inherit',
  shell: true,
})
if (done.status !== 0) {
  console.error(
    'The installation failed. The lines above say why; run the same command again when that is mended.',
  )
  process.exit(done.status ?? 1)
}
writeFileSync(stamp, wanted)
