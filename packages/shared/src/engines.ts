/** What the API says of each engine before it has run: what it makes, and honest guesses of how long it takes. */
import { type FileFormat, QUALITIES, type Quality } from './formats.ts'
import type { JobKind } from './job-states.ts'

interface Seconds {
  readonly low: number
  readonly high: number
}

interface EngineFacts {
  readonly formats: readonly FileFormat[]
  /** What a request without `formats` gets. */
  readonly defaultFormats: readonly FileFormat[]
  readonly qualities: readonly Quality[]
  /** Whether `POST /select` finds objects by words. */
  readonly textPrompts: boolean
  /** The most that one object may take, seconds: what the time-outs are made for. */
  readonly secondsPerObject: number
  /** From submit to result, seconds, before own timings are known: with a machine up, and from zero machines. */
  readonly assumedSeconds: Record<'ready' | 'asleep', Record<JobKind, Seconds>>
}

export const ENGINES = {
  preview: {
    formats: ['ply', 'compressed_ply', 'spz', 'glb', 'usdz', 'obj', 'stl', 'png'],
    defaultFormats: ['ply', 'glb', 'png'],
    qualities: QUALITIES,
    textPrompts: false,
    // Measured: 45 s for 8 objects in a photo of 39 megapixels.
    secondsPerObject: 10,
    assumedSeconds: {
      ready: { embed: { low: 1, high: 15 }, select: { low: 1, high: 15 }, reconstruct: { low: 2, high: 60 } },
      asleep: {
        embed: { low: 2, high: 45 },
        select: { low: 2, high: 45 },
        reconstruct: { low: 3, high: 90 },
      },
    },
  },
  sam3d: {
    formats: ['ply', 'glb', 'stl', 'png'],
    defaultFormats: ['ply', 'glb', 'png'],
    qualities: QUALITIES,
    textPrompts: true,
    // 60-120 s on an A10G (facts: unmeasured).
    secondsPerObject: 120,
    // From zero: instance, image pull and weights take 5-15 min (facts: unmeasured).
    assumedSeconds: {
      ready: {
        embed: { low: 2, high: 30 },
        select: { low: 2, high: 30 },
        reconstruct: { low: 30, high: 240 },
      },
      asleep: {
        embed: { low: 300, high: 930 },
        select: { low: 300, high: 930 },
        reconstruct: { low: 330, high: 1140 },
      },
    },
  },
} as const satisfies Record<string, EngineFacts>

export type EngineName = keyof typeof ENGINES

export function isEngineName(name: string): name is EngineName {
  return Object.hasOwn(ENGINES, name)
}

export function engineFacts(name: EngineName): EngineFacts {
  return ENGINES[name]
}
