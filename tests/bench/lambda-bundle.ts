/** The Lambdas' bundles as serverless-esbuild makes them, and what esbuild makes of the same code by itself. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { readYaml } from '@gen3d/local/lambda/serverless-yaml'
import { ENV } from '@gen3d/shared/names'
import { type BuildOptions, build } from 'esbuild'
import { ROOT } from '../../scripts/steps.ts'
import { type Bench, type Figure, quantile } from './figure.ts'

export const LAMBDAS = {
  Gen3DWrapperLambda: ['services/api', 'src/handler.ts'],
  Gen3DNotifyLambda: ['services/notify', 'src/handler.ts'],
  Gen3DPreviewLambda: ['services/inference', 'preview/lambda.ts'],
} as const
/** Bytes. */
export const BUNDLE_GOAL = 500_000
const COLD_IMPORT_GOAL = 0.6

/** Enough for wire(); nothing is called. */
export const ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  [ENV.bucket]: 'bench',
  [ENV.table]: 'bench',
  [ENV.engine]: 'preview',
  [ENV.inferenceTarget]: 'lambda:bench',
  [ENV.maxJobsPerDay]: '9',
  [ENV.maxJobsInFlight]: '9',
  [ENV.maxGpuSecondsPerMonth]: '9999',
  [ENV.requestTtlSeconds]: '1',
  [ENV.engineTimeoutSeconds]: '60',
  [ENV.inFlightPerInstance]: '4',
  [ENV.siteOrigin]: 'https://gen3d.example',
  [ENV.siteUrl]: 'https://gen3d.example/',
  [ENV.userPoolId]: 'us-east-1_x',
}

/**
 * Writes a Lambda's bundle as deploy/esbuild.yml says; resolves with its size in bytes, and how much of it is packed
 * data that no bundler can make smaller: the engine's weights and the WebAssembly codecs.
 */
export async function buildTuned(
  name: keyof typeof LAMBDAS,
  outfile: string,
): Promise<{ readonly whole: number; readonly code: number }> {
  const [service, entry] = LAMBDAS[name]
  const absWorkingDir = join(ROOT, service)
  const settings = readYaml(join(ROOT, 'deploy', 'esbuild.yml')) as BuildOptions
  const alias = Object.fromEntries(
    Object.entries(settings.alias ?? {}).map(([module, path]) => [module, resolve(absWorkingDir, path)]),
  )
  const { metafile } = await build({
    ...{ ...settings, absWorkingDir, alias, entryPoints: [entry], outfile },
    ...{ metafile: true, logLevel: 'error' },
  })
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs))
  const packed = inputs.filter(([path]) => path.includes('/generated/'))
  const whole = statSync(outfile).size
  return { whole, code: whole - packed.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0) }
}

/** The same code with none of our settings. */
async function buildPlain(name: keyof typeof LAMBDAS, outfile: string): Promise<number> {
  const [service, entry] = LAMBDAS[name]
  await build({
    ...{ absWorkingDir: join(ROOT, service), entryPoints: [entry], outfile },
    ...{ bundle: true, platform: 'node', format: 'cjs', target: 'node20', logLevel: 'error' },
  })
  return statSync(outfile).size
}

/** Processor milliseconds that a fresh process takes to load a bundle: other than the clock's, nobody else's are in it. */
function coldImport(file: string): number {
  const program = `
    const before = process.cpuUsage()
    require(${JSON.stringify(file)})
    const { user, system } = process.cpuUsage(before)
    console.log((user + system) / 1000)`
  const env = { ...process.env, ...ENVIRONMENT, NODE_NO_WARNINGS: '1' }
  return Number(execFileSync(process.execPath, ['-e', program], { env, encoding: 'utf8' }))
}

export const measureBundles: Bench = async (repeats) => {
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-bench-'))
  const figures: Figure[] = []
  try {
    for (const name of Object.keys(LAMBDAS) as (keyof typeof LAMBDAS)[]) {
      const [tuned, plain] = ['tuned', 'plain'].map((kind) => join(folder, `${name}-${kind}.cjs`))
      const { whole, code } = await buildTuned(name, tuned)
      const plainBytes = await buildPlain(name, plain)
      figures.push({
        ...{ group: name, name: 'bundle, code', unit: 'kB', value: code / 1000, goal: BUNDLE_GOAL / 1000 },
        note: `${Math.round(whole / 1000)} kB with packed data, ${Math.round(plainBytes / 1000)} kB untuned`,
      })
      // Turn about, so that a busy moment meets both.
      const rounds = Array.from({ length: 2 * repeats + 3 }, () => [coldImport(tuned), coldImport(plain)])
      const [tunedMs, plainMs] = [0, 1].map((i) =>
        quantile(
          rounds.map((round) => round[i]),
          0.5,
        ),
      )
      figures.push({
        ...{ group: name, name: 'cold import, tuned / untuned', unit: 'ratio' },
        ...{ value: tunedMs / plainMs, goal: COLD_IMPORT_GOAL },
        note: `${Math.round(tunedMs)} / ${Math.round(plainMs)} ms of processor`,
      })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return figures
}
