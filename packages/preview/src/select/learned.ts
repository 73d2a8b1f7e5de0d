import type { EdgeForests } from './affinity.ts'
import type { Learned } from './classifier.ts'
import * as model from './generated/model.ts'
import { type Forest, readForest } from './trees.ts'

let edges: EdgeForests | undefined
let learned: Learned | undefined

/** The learned edge affinity (generated/README.md says from what). */
export function learnedAffinity(): EdgeForests {
  edges ??= { first: forest(model.AFFINITY), second: forest(model.AFFINITY_SECOND) }
  return edges
}

/** The learned stages of the classifier, and what it learned about cuts. */
export function learnedStages(): Learned {
  learned ??= {
    stages: {
      one: { first: forest(model.FIRST_ONE), second: forest(model.SECOND_ONE) },
      box: { first: forest(model.FIRST_BOX), second: forest(model.SECOND_BOX) },
      more: { first: forest(model.FIRST), second: forest(model.SECOND) },
    },
    cut: forest(model.CUT),
  }
  return learned
}

function forest(text: string): Forest {
  return readForest(fromBase64(text))
}

function fromBase64(text: string): Uint8Array {
  const binary = atob(text)
  const out = new Uint8Array(binary.length)
  for (let i = 0; i < out.length; i++) out[i] = binary.charCodeAt(i)
  return out
}
