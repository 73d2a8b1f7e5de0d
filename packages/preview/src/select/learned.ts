import type { EdgeForests } from './affinity.ts'
import type { Stages } from './classifier.ts'
import { AFFINITY, AFFINITY_SECOND, FIRST, SECOND } from './generated/model.ts'
import { readForest } from './trees.ts'

let edges: EdgeForests | undefined
let stages: Stages | undefined

/** The learned edge affinity (generated/README.md says from what). */
export function learnedAffinity(): EdgeForests {
  edges ??= { first: readForest(fromBase64(AFFINITY)), second: readForest(fromBase64(AFFINITY_SECOND)) }
  return edges
}

/** The two learned stages of the classifier. */
export function learnedStages(): Stages {
  stages ??= { first: readForest(fromBase64(FIRST)), second: readForest(fromBase64(SECOND)) }
  return stages
}

function fromBase64(text: string): Uint8Array {
  const binary = atob(text)
  const out = new Uint8Array(binary.length)
  for (let i = 0; i < out.length; i++) out[i] = binary.charCodeAt(i)
  return out
}
