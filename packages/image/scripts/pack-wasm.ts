/**
 * Writes the WASM decoders into the source, packed (zlib, base64): so one import works in Node, in Vite and in a
 * bundled Lambda, with no file to find at run time. Run after changing the version of a @cwasm package.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { zlibSync } from 'fflate'

const require = createRequire(import.meta.url)

for (const { file, output } of [
  { file: require.resolve('@cwasm/jpeg-turbo/jpeg-turbo.wasm'), output: 'jpeg-turbo-wasm.ts' },
  { file: require.resolve('@cwasm/webp/webp.wasm'), output: 'webp-wasm.ts' },
]) {
  const packed = Buffer.from(zlibSync(readFileSync(file), { level: 9, mem: 8 })).toString('base64')
  const source = `// Generated from ${basename(file)} by scripts/pack-wasm.ts; zlib, base64. Licence: THIRD-PARTY.md.\nexport default '${packed}'\n`
  writeFileSync(new URL(`../src/generated/${output}`, import.meta.url), source)
}
