// What a deploy would upload: the page and the packaged services. Needs no account.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runStep } from './steps.ts'
import { buildWeb, WEB_DIST } from './web.ts'

const stage = process.argv[2] ?? 'prod'
await buildWeb()
console.log(`ok     page: ${WEB_DIST}`)
for (const service of ['foundation', 'inference', 'api', 'notify']) {
  const folder = join(ROOT, 'services', service)
  // Left-overs of an earlier bundle would be packed with the next.
  rmSync(join(folder, '.esbuild'), { recursive: true, force: true })
  const { code, output } = await runStep({
    name: service,
    command: ['serverless', 'package', '--stage', stage],
    cwd: folder,
  })
  if (code !== 0) {
    console.error(`${service} could not be packaged:\n${output}`)
    process.exit(1)
  }
  console.log(`ok     ${service}: ${join(folder, '.serverless')}`)
}
