/** A photo given by its address, as a drag from another page or a paste brings it. */
import { strings } from '../strings.ts'
import { PhotoRefused } from './photo-refused.ts'

export interface NamedBytes {
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The first address in a text or a `text/uri-list`, or null. */
export function findAddress(text: string): URL | null {
  const line = text
    .split(/\r?\n/)
    .map((each) => each.trim())
    .find((each) => each !== '' && !each.startsWith('#'))
  if (!line || !/^(https?|blob|data):/i.test(line)) return null
  return URL.canParse(line) ? new URL(line) : null
}

/** The last part of an address, without a type that may be wrong; empty when it has none. */
export function nameOf(address: URL): string {
  if (address.protocol === 'data:' || address.protocol === 'blob:') return ''
  const last = address.pathname.split('/').at(-1) ?? ''
  try {
    return decodeURIComponent(last)
  } catch {
    return last
  }
}

/** The bytes of a base64 `data:` address: the page's policy lets nothing be asked for there. */
function readDataAddress(address: URL): Uint8Array<ArrayBuffer> {
  const found = /^[^,]*;base64,(.*)$/s.exec(address.pathname)
  if (!found) throw new PhotoRefused(strings.photo.addressRefused)
  return Uint8Array.from(atob(decodeURIComponent(found[1])), (char) => char.charCodeAt(0))
}

/**
 * Reads a photo from where it is. The page's policy allows only the hosts of its own deployment, so that nothing of a
 * person's doing reaches a stranger; throws PhotoRefused, which says what to do, for all others.
 */
export async function readAddress(address: URL): Promise<NamedBytes> {
  const name = nameOf(address)
  if (address.protocol === 'data:') return { name, bytes: readDataAddress(address) }
  try {
    const response = await fetch(address, { credentials: 'omit', referrerPolicy: 'no-referrer' })
    if (!response.ok) throw new PhotoRefused(strings.photo.addressRefused)
    return { name, bytes: new Uint8Array(await response.arrayBuffer()) }
  } catch (cause) {
    throw new PhotoRefused(strings.photo.addressRefused, { cause })
  }
}
