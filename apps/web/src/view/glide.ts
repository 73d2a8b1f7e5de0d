/** Moves the view softly to where a person asked for; whoever wants no motion gets there at once. */
import type { Signal } from '@preact/signals'
import type { Orbit } from './orbit.ts'

const GLIDE_MS = 260

const mix = (a: number, b: number, part: number) => a + (b - a) * part

/** Between two views, part 0-1; turns the shorter way round. */
export function mixOrbits(from: Orbit, to: Orbit, part: number): Orbit {
  const round = 2 * Math.PI
  const turns = Math.round((to.yaw - from.yaw) / round) * round
  return {
    target: [0, 1, 2].map((axis) => mix(from.target[axis], to.target[axis], part)) as [
      number,
      number,
      number,
    ],
    distance: mix(from.distance, to.distance, part),
    yaw: mix(from.yaw, to.yaw - turns, part),
    pitch: mix(from.pitch, to.pitch, part),
  }
}

export interface Glide {
  to(orbit: Orbit): void
  /** Stays where the view is now. */
  stop(): void
}

export function createGlide(orbit: Signal<Orbit>): Glide {
  let frame = 0
  const stop = () => cancelAnimationFrame(frame)
  return {
    to(end) {
      stop()
      const from = orbit.peek()
      const start = performance.now()
      const step = () => {
        const part = Math.min(1, (performance.now() - start) / GLIDE_MS)
        orbit.value = part < 1 ? mixOrbits(from, end, part * (2 - part)) : end
        if (part < 1) frame = requestAnimationFrame(step)
      }
      if (matchMedia('(prefers-reduced-motion: reduce)').matches) orbit.value = end
      else step()
    },
    stop,
  }
}
