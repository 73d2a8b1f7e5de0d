/**
 * Bundles TypeScript entries with esbuild, as the deploy does: a function of one file starts in a tenth of the time that
 * loading its sources one by one takes, and what runs here is what runs on AWS.
 */
import { dirname, join } from 'node:path'
import type { BuildOptions } from 'esbuild'
import { buildIfChanged } from './build-if-changed.ts'

/** What serverless-esbuild adds to esbuild's own options. */
interface PluginOptions {
  readonly exclude?: unknown
  readonly keepOutputDirectory?: unknown
}

/** Bundles a Lambda handler with a service's `custom.esbuild`; returns the bundle's path. Readable traces, no minifying. */
export async function bundleHandler(
  handlerFile: string,
  serviceFolder: string,
  settings: Readonly<Record<string, unknown>>,
  outFolder: string,
): Promise<string> {
  const { exclude: _, keepOutputDirectory: __, ...options } = settings as PluginOptions & BuildOptions
  const outfile = join(outFolder, 'handler.cjs')
  await buildIfChanged(outFolder, {
    ...options,
    entryPoints: [handlerFile],
    absWorkingDir: serviceFolder,
    outfile,
    minify: false,
    sourcemap: 'linked',
    // A map with sources is read whole by every process that starts, and takes longer than the code.
    sourcesContent: false,
    logLevel: 'silent',
  })
  return outfile
}

/** Bundles a Node program of several entries (its worker threads too) into ES modules side by side; returns their folder. */
export async function bundleProgram(entries: readonly string[], outFolder: string): Promise<string> {
  await buildIfChanged(outFolder, {
    entryPoints: [...entries],
    absWorkingDir: dirname(entries[0]),
    outdir: outFolder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    mainFields: ['module', 'main'],
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'silent',
    // Some dependencies of the SDK still call require().
    banner: {
      js: "import { createRequire as __cr } from 'node:module'; const require = __cr(import.meta.url);",
    },
  })
  return outFolder
}
