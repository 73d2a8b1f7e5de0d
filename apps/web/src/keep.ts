/** What this browser keeps between visits: one IndexedDB with a few small stores. Without it (private windows of some
 * browsers) everything works until the tab closes. */
const KEPT = ['drafts', 'photos', 'account', 'expected', 'decoders'] as const
/** One more with every new store. */
const VERSION = 3
type KeptStore = (typeof KEPT)[number]

export interface Keep {
  read<T>(store: KeptStore, key: string): Promise<T | undefined>
  write(store: KeptStore, key: string, value: unknown): Promise<void>
  remove(store: KeptStore, key: string): Promise<void>
}

const DATABASE = 'gen3d'

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, VERSION)
    request.onupgradeneeded = () => {
      for (const name of KEPT) {
        if (!request.result.objectStoreNames.contains(name)) request.result.createObjectStore(name)
      }
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
    // A tab with an older page holds it.
    request.onblocked = () => reject(new Error('The store of this browser is in use by an older page.'))
  })
}

function finish<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** Keeps values in memory only: the fallback, and what tests use. */
export function keepInMemory(): Keep {
  const values = new Map<string, unknown>()
  return {
    read: async <T>(store: KeptStore, key: string) => values.get(`${store}/${key}`) as T | undefined,
    write: async (store, key, value) => void values.set(`${store}/${key}`, value),
    remove: async (store, key) => void values.delete(`${store}/${key}`),
  }
}

/** Opens the browser's store, or a store in memory where the browser refuses. */
export async function openKeep(): Promise<Keep> {
  let database: IDBDatabase
  try {
    database = await open()
  } catch {
    return keepInMemory()
  }
  const at = (store: KeptStore, mode: IDBTransactionMode) =>
    database.transaction(store, mode).objectStore(store)
  return {
    read: (store, key) => finish(at(store, 'readonly').get(key)),
    write: async (store, key, value) => void (await finish(at(store, 'readwrite').put(value, key))),
    remove: async (store, key) => void (await finish(at(store, 'readwrite').delete(key))),
  }
}
