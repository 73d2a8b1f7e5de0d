import { readdirSync, readFileSync } from 'node:fs'
import expectedPixels from './expected.json' with { type: 'json' }

const FOLDER = new URL('./', import.meta.url)

/** What other decoders say of each fixture that can be decoded; crc32 is that of its upright RGBA pixels. */
export const EXPECTED = Object.entries(expectedPixels).map(([name, expected]) => ({ name, ...expected }))

export const FIXTURE_NAMES = readdirSync(FOLDER).filter((name) => /\.(jpg|png|webp|gif)$/.test(name))

export function readFixture(name: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(new URL(name, FOLDER)))
}
