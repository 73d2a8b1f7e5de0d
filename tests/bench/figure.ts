/** What a bench measures, and the reference loop that machines and busy minutes are told apart by. */

export interface Figure {
  readonly group: string
  readonly name: string
  readonly unit: 'ms' | 's' | 'kB' | 'MB' | 'dB' | 'ratio'
  readonly value: number
  /** The same of the processor alone, where the work is a computation of this process. */
  readonly cpu?: number
  /** The value must not be above it. */
  readonly goal?: number
  /** The value must not be below it. */
  readonly least?: number
  readonly note?: string
}

/** What a group gives to the table; `repeats` is how often it measures where one run would say little. */
export type Bench = (repeats: number) => Promise<readonly Figure[]>

const REFERENCE_ROUNDS = 15

/** A fixed piece of arithmetic, milliseconds: the best of all rounds is the machine, the median is how busy it was. */
export function referenceLoop(): { readonly best: number; readonly p50: number } {
  const values = new Float64Array(1 << 16)
  const rounds = Array.from({ length: REFERENCE_ROUNDS }, () => {
    values.fill(1)
    const start = performance.now()
    for (let round = 0; round < 20; round++) {
      for (let i = 1; i < values.length; i++)
        values[i] = Math.sqrt(values[i] * 0.5 + values[i - 1] * 0.25 + 0.25)
    }
    return performance.now() - start
  })
  return { best: Math.min(...rounds), p50: quantile(rounds, 0.5) }
}

/** The value below which `part` (0-1) of the values lie. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]
}

/**
 * Milliseconds of a piece of work by the clock and of this process's processors, and what it made. On an idle machine
 * both say the same of a computation; on a busy one only the second is about it.
 */
export async function timed<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly ms: number; readonly cpuMs: number; readonly made: T }> {
  const before = process.cpuUsage()
  const start = performance.now()
  const made = await work()
  const ms = performance.now() - start
  const { user, system } = process.cpuUsage(before)
  return { ms, cpuMs: (user + system) / 1000, made }
}
