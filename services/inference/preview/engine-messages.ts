/** What the process and its engine's thread say to each other. One call at a time. */
import type { EmbedResult, ReconstructInput, ReconstructResult } from '@gen3d/shared/engine'

export type ToThread =
  | { readonly type: 'embed'; readonly photo: Uint8Array }
  | { readonly type: 'reconstruct'; readonly input: ReconstructInput }
  /** The answer to `progress`: go on, or let go of the call. */
  | { readonly type: 'go_on' }
  | { readonly type: 'let_go' }

export type FromThread =
  | { readonly type: 'ready'; readonly name: string; readonly version: string }
  | { readonly type: 'progress'; readonly stage: string; readonly fraction: number }
  | { readonly type: 'done'; readonly result: EmbedResult | ReconstructResult }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }
