/** Converts one photo; the page starts it anew for each, since few photos need it. */
import { type Converted, convertPhoto } from './convert.ts'

export type ConvertAnswer = Converted | { readonly fault: string }

self.onmessage = async ({ data }: MessageEvent<Uint8Array<ArrayBuffer>>) => {
  try {
    const answer: ConvertAnswer = await convertPhoto(data)
    self.postMessage(answer, { transfer: [answer.bytes.buffer] })
  } catch (error) {
    const answer: ConvertAnswer = { fault: error instanceof Error ? error.message : String(error) }
    self.postMessage(answer)
  }
}
