/**
 * `pnpm pack:client`: the typed client as one file for other projects, output/gen3d-client-VERSION.tgz: JavaScript with
 * types, the contract and its one library inside, so that `npm install FILE` asks no registry.
 */
import { cpSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT, runStep } from './steps.ts'

const EXPORTS = { './*': { types: './dist/*.d.ts', default: './dist/*.js' } }
const packages = join(ROOT, 'packages')

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly dependencies: Record<string, string>
}

const readManifest = (folder: string) =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
const writeJson = (path: string, value: object) => writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`)

async function run(command: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await runStep({ name: command[0], command, cwd })
  if (code !== 0) throw new Error(`${command.join(' ')} ended with ${code}:\n${output}`)
  return output
}

/** Packs into `folder` and resolves with the file's path. */
export async function packClient(folder: string): Promise<string> {
  const work = join(ROOT, '.build', `client-${process.pid}`)
  const compiled = join(work, 'compiled')
  const staged = join(work, 'client')
  const shared = join(staged, 'node_modules', '@gen3d', 'shared')
  rmSync(work, { recursive: true, force: true })
  mkdirSync(shared, { recursive: true })
  mkdirSync(folder, { recursive: true })
  try {
    writeJson(join(work, 'tsconfig.json'), {
      extends: join(ROOT, 'tsconfig.base.json'),
      compilerOptions: {
        ...{ noEmit: false, declaration: true, rewriteRelativeImportExtensions: true },
        ...{ rootDir: packages, outDir: compiled, lib: ['ES2023', 'DOM'], types: [] },
      },
      include: ['client', 'shared'].map((name) => join(packages, name, 'src', '*.ts')),
      exclude: ['client', 'shared'].map((name) => join(packages, name, 'src', '*.test.ts')),
    })
    await run(['tsc', '-p', join(work, 'tsconfig.json')], ROOT)
    cpSync(join(compiled, 'client', 'src'), join(staged, 'dist'), { recursive: true })
    cpSync(join(compiled, 'shared', 'src'), join(shared, 'dist'), { recursive: true })
    const typebox = realpathSync(join(packages, 'shared', 'node_modules', 'typebox'))
    cpSync(typebox, join(staged, 'node_modules', 'typebox'), { recursive: true })
    const { version: typeboxVersion } = readManifest(typebox)
    const client = readManifest(join(packages, 'client'))
    const { name, version, license } = readManifest(join(packages, 'shared'))
    const bundled = { [name]: version, typebox: typeboxVersion }
    writeJson(join(shared, 'package.json'), {
      ...{ name, version, license, type: 'module', exports: EXPORTS },
      dependencies: { typebox: typeboxVersion },
    })
    writeJson(join(staged, 'package.json'), {
      ...{ name: client.name, version: client.version, license: client.license, type: 'module' },
      ...{ exports: EXPORTS, files: ['dist'], dependencies: bundled },
      bundleDependencies: Object.keys(bundled),
    })
    cpSync(join(ROOT, 'LICENSE'), join(staged, 'LICENSE'))
    const [packed] = JSON.parse(await run(['npm', 'pack', '--json', '--ignore-scripts'], staged))
    const file = join(folder, `gen3d-client-${client.version}.tgz`)
    renameSync(join(staged, packed.filename), file)
    return file
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

if (import.meta.filename === process.argv[1]) console.log(await packClient(join(ROOT, 'output')))
