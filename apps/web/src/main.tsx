import { render } from 'preact'
import { App } from './app.tsx'
import { loadConfig } from './config.ts'
import { forgetGallery } from './gallery/gallery.tsx'
import { openKeep } from './keep.ts'
import { createStore, StoreProvider } from './store.ts'
import { strings } from './strings.ts'
import './tokens.css'
import './styles/base.css'
import './styles/controls.css'
import './styles/shell.css'
import './styles/gallery.css'
import './styles/session.css'
import './styles/work.css'

/** Until then nothing is drawn: longer than the browser's store takes to answer, shorter than anybody notices. */
const LOADING_AFTER_MS = 250

async function start(root: HTMLElement): Promise<void> {
  try {
    const [config, keep] = await Promise.all([loadConfig(), openKeep()])
    const store = createStore(config, keep, sessionStorage)
    store.credentials.account.subscribe(({ kind }) => {
      if (kind === 'out') forgetGallery()
    })
    const resumed = store.credentials.resume()
    // Whoever has no session here sees the first screen at once, and not "loading" for a frame before it.
    await Promise.race([resumed, new Promise((resolve) => setTimeout(resolve, LOADING_AFTER_MS))])
    render(
      <StoreProvider value={store}>
        <App />
      </StoreProvider>,
      root,
    )
    await resumed
  } catch (error) {
    const reason = error instanceof Error ? error.message : ''
    render(
      <main>
        <p class="notice error" role="alert">
          {strings.configFault(reason)}
        </p>
      </main>,
      root,
    )
  }
}

// A file that is dropped where nothing takes it would be opened instead of the page.
for (const name of ['dragover', 'drop']) addEventListener(name, (event) => event.preventDefault())

const root = document.getElementById('app')
if (root) void start(root)
