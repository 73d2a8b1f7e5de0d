// Whether every pinned package of the GPU image exists for its Python and its platform, asked of the registry by the
// ordinary client. What lies elsewhere is listed by name: nothing here can say whether it is there.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CONTAINER, containerTool, setUpContainerTools } from './container-tools.ts'
import { runSteps } from './steps.ts'

const LOCKS = ['sam3.lock', 'sam3d.lock'] as const
const ELSEWHERE = ['sam3d-vendor.txt', 'sam3d-source.txt'] as const
/** The lowest glibc of both stages of the image. */
const PLATFORM = 'x86_64-manylinux_2_36'

setUpContainerTools()
const target = mkdtempSync(join(tmpdir(), 'gen3d-pins-'))
const failed = await runSteps(
  LOCKS.map((lock) => ({
    name: `${linesOf(lock).length} pins of ${lock} are there`,
    command: [
      ...[containerTool('uv'), 'pip', 'install', '--dry-run', '--quiet', '--no-cache', '--target', target],
      ...['--python', containerTool('python'), '--python-version', '3.11', '--python-platform', PLATFORM],
      ...['--no-deps', '--require-hashes', '--requirement', join(CONTAINER, 'requirements', lock)],
    ],
  })),
)
rmSync(target, { recursive: true })
for (const file of ELSEWHERE)
  for (const pin of linesOf(file)) console.log(`not checked here (${toReason(pin)}): ${pin}`)
process.exit(failed.length > 0 ? 1 : 0)

function linesOf(file: string): string[] {
  const text = readFileSync(join(CONTAINER, 'requirements', file), 'utf8')
  return text.split('\n').flatMap((line) => (/^[A-Za-z]/.test(line) ? [line.replace(/ \\$/, '')] : []))
}

function toReason(pin: string): string {
  if (pin.includes('git+')) return 'a commit'
  return pin.startsWith('flash_attn') ? 'compiled from its source' : 'its vendor’s index'
}
