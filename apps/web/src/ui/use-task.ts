import { useCallback, useState } from 'preact/hooks'

interface Task {
  readonly busy: boolean
  readonly error: unknown
  run(work: () => Promise<void>): Promise<void>
  clear(): void
}

/** Runs one piece of work at a time for a component, and holds what went wrong. */
export function useTask(): Task {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const run = useCallback(async (work: () => Promise<void>) => {
    setBusy(true)
    setError(null)
    try {
      await work()
    } catch (fault) {
      if (!(fault instanceof DOMException && fault.name === 'AbortError')) setError(fault)
    } finally {
      setBusy(false)
    }
  }, [])
  return { busy, error, run, clear: () => setError(null) }
}
