import { readFileSync } from 'node:fs'
import { defineConfig, type Plugin } from 'vite'
import { toApiPage } from './site/api-page.ts'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')

/** Writes api.html, its style and openapi.json beside the page; they are made of the contract alone. */
function apiPage(): Plugin {
  return {
    name: 'gen3d-api-page',
    generateBundle() {
      const openapi = read('../../packages/shared/generated/openapi.json')
      const source = `${read('src/tokens.css')}\n${read('site/api-page.css')}`
      const styles = this.emitFile({ type: 'asset', name: 'api.css', source })
      const page = toApiPage(JSON.parse(openapi), `./${this.getFileName(styles)}`)
      this.emitFile({ type: 'asset', fileName: 'api.html', source: page })
      this.emitFile({ type: 'asset', fileName: 'openapi.json', source: openapi })
    },
  }
}

// Relative addresses, so that the same build stands under any folder of a bucket's website.
export default defineConfig({
  base: './',
  plugins: [apiPage()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // An inlined asset is a data: address, which the policy of index.html refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    chunkSizeWarningLimit: 2000,
  },
  worker: { format: 'es' },
})
