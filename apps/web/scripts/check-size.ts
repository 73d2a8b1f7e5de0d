/**
 * Measures what the built page sends (gzip, level 9; kB = 1000 bytes) and fails over the budgets. Run after the build.
 * The first load is index.html's own scripts and styles; everything else comes when it is needed.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

const DIST = join(import.meta.dirname, '..', 'dist')
/** kB, gzip. */
const BUDGETS = {
  'first load, scripts': 40,
  'first load, styles': 8,
  viewer: 450,
  'selecting, Worker': 150,
  'HEIC, only with such a photo': 720,
  'ONNX Runtime, only with such an embedding': 3900,
  'ONNX Runtime with WebGPU, in its place': 6900,
} as const

function gzipKilobytes(files: readonly string[]): number {
  return (
    files.reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file)), { level: 9 }).length, 0) / 1000
  )
}

const html = readFileSync(join(DIST, 'index.html'), 'utf8')
const first = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map((match) => match[1])
const assets = readdirSync(join(DIST, 'assets')).map((name) => `assets/${name}`)
const sizes: Record<keyof typeof BUDGETS, number> = {
  'first load, scripts': gzipKilobytes(first.filter((file) => file.endsWith('.js'))),
  'first load, styles': gzipKilobytes(first.filter((file) => file.endsWith('.css'))),
  viewer: gzipKilobytes(assets.filter((file) => /\/viewer-[^/]+\.js$/.test(file))),
  'selecting, Worker': gzipKilobytes(assets.filter((file) => /\/decoder-worker-[^/]+\.js$/.test(file))),
  'HEIC, only with such a photo': gzipKilobytes(assets.filter((file) => /\/libheif-[^/]+\.js$/.test(file))),
  'ONNX Runtime, only with such an embedding': gzipKilobytes(
    assets.filter((file) => /\/ort(-wasm-simd-threaded-|\.wasm\.)[^/]+$/.test(file)),
  ),
  'ONNX Runtime with WebGPU, in its place': gzipKilobytes(
    assets.filter((file) => /\/ort(-wasm-simd-threaded\.asyncify-|\.webgpu\.)[^/]+$/.test(file)),
  ),
}

let over = false
for (const [name, budget] of Object.entries(BUDGETS) as [keyof typeof BUDGETS, number][]) {
  const size = sizes[name]
  // A part that was not found has been renamed, and nobody measures it.
  const bad = size > budget || size === 0
  over ||= bad
  console.log(`${bad ? 'OVER' : 'ok  '} ${name}: ${size.toFixed(1)} of ${budget} kB`)
}
if (over) process.exitCode = 1
