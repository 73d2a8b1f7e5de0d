// `pnpm dev`: gives the functions fresh processes when their sources change.
import { watch } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './steps.ts'

const FOLDERS = [
  'packages/shared/src',
  'packages/image/src',
  'packages/jobs/src',
  'packages/aws/src',
  'services',
]
/** Editors write a file in several steps. */
const SETTLE_MS = 150

export function watchServices(reload: () => Promise<void>): void {
  let timer: NodeJS.Timeout | undefined
  for (const folder of FOLDERS) {
    watch(join(ROOT, folder), { recursive: true }, (_, name) => {
      if (!name?.endsWith('.ts')) return
      clearTimeout(timer)
      timer = setTimeout(() => {
        console.log(`  ${name} changed: the functions start afresh.`)
        reload().catch((error: Error) => console.error(error.message))
      }, SETTLE_MS)
    })
  }
}
