/** The one store of the page: what every feature may read, and the services that it talks through. */
import { type Auth, createAuth } from '@gen3d/client/auth'
import { type Client, createClient } from '@gen3d/client/client'
import type { Capabilities } from '@gen3d/shared/api'
import { cognitoEndpoint, type SiteConfig } from '@gen3d/shared/site-config'
import { type Signal, signal } from '@preact/signals'
import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import { type Credentials, createCredentials, type TabStore } from './account/credentials.ts'
import type { Keep } from './keep.ts'
import { parseRoute, type Route, toHash } from './route.ts'
import { createUploads, type Uploads } from './upload/uploads.ts'

export interface Store {
  readonly config: SiteConfig
  readonly keep: Keep
  readonly auth: Auth
  readonly credentials: Credentials
  readonly client: Client
  readonly uploads: Uploads
  readonly route: Signal<Route>
  /** What the deployment can do; null until it answered. */
  readonly capabilities: Signal<Capabilities | null>
  readonly online: Signal<boolean>
  /** The last thing that a screen reader has to hear. */
  readonly spoken: Signal<string>
  go(route: Route): void
  say(text: string): void
  refreshCapabilities(): Promise<void>
}

/** Sends a call again, once, with a fresh token, when the API refuses one that looked good (clock, revocation). */
function retryUnauthorized(credentials: Credentials): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, init)
    const headers = new Headers(init?.headers)
    const token = headers.get('authorization')?.replace('Bearer ', '')
    if (response.status !== 401 || !token) return response
    credentials.distrust(token)
    headers.set('authorization', `Bearer ${await credentials.idToken()}`)
    return fetch(input, { ...init, headers })
  }
}

export function createStore(config: SiteConfig, keep: Keep, tab: TabStore): Store {
  const auth = createAuth({ endpoint: cognitoEndpoint(config), clientId: config.app_client_id })
  const credentials = createCredentials(auth, keep, tab)
  const client = createClient({
    apiUrl: config.api_url,
    idToken: credentials.idToken,
    fetch: retryUnauthorized(credentials),
  })
  const route = signal<Route>(parseRoute(location.hash))
  const capabilities = signal<Capabilities | null>(null)
  const spoken = signal('')
  const online = signal(navigator.onLine)
  addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash)
  })
  const uploads = createUploads(client, keep)
  for (const name of ['online', 'offline'] as const) {
    addEventListener(name, () => {
      online.value = navigator.onLine
      if (!online.value) return
      uploads.resume()
      if (credentials.account.peek().kind === 'unreachable') void credentials.resume()
    })
  }
  return {
    config,
    keep,
    auth,
    credentials,
    client,
    uploads,
    route,
    capabilities,
    online,
    spoken,
    go: (to) => {
      location.hash = toHash(to)
    },
    say: (text) => {
      spoken.value = text
    },
    refreshCapabilities: async () => {
      capabilities.value = await client.readCapabilities()
    },
  }
}

const StoreContext = createContext<Store | null>(null)
export const StoreProvider = StoreContext.Provider

export function useStore(): Store {
  const store = useContext(StoreContext)
  if (!store) throw new Error('No store above this component.')
  return store
}
