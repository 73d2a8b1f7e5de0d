/** Shrinks one photo; the page starts it anew for each, since few photos need it. */
import { shrinkPhoto } from './shrink.ts'

export type ShrinkAnswer = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly fault: string }

self.onmessage = async ({ data }: MessageEvent<Uint8Array<ArrayBuffer>>) => {
  try {
    const bytes = await shrinkPhoto(data)
    const answer: ShrinkAnswer = { bytes }
    self.postMessage(answer, { transfer: [bytes.buffer] })
  } catch (error) {
    const answer: ShrinkAnswer = { fault: error instanceof Error ? error.message : String(error) }
    self.postMessage(answer)
  }
}
