/** One line on a terminal that is drawn over until it is done. */
export interface ProgressBar {
  /** `fraction` 0-1; null where nobody knows. */
  show(label: string, fraction: number | null): void
  /** Clears the line. */
  end(): void
}

const CELLS = 24
const LABEL_CELLS = 34

/** Draws through `draw`; without it (no terminal, or --json) it does nothing. */
export function createProgressBar(draw: ((text: string) => void) | null): ProgressBar {
  let last = ''
  return {
    show(label, fraction) {
      const line = toLine(label, fraction)
      if (!draw || line === last) return
      last = line
      draw(`\r\u001b[K${line}`)
    },
    end() {
      if (draw && last !== '') draw('\r\u001b[K')
      last = ''
    },
  }
}

function toLine(label: string, fraction: number | null): string {
  const name = label.length > LABEL_CELLS ? `${label.slice(0, LABEL_CELLS - 1)}…` : label.padEnd(LABEL_CELLS)
  if (fraction === null) return name.trimEnd()
  const part = Math.min(1, Math.max(0, fraction))
  const full = Math.round(part * CELLS)
  return `${name} [${'#'.repeat(full)}${' '.repeat(CELLS - full)}] ${String(Math.floor(part * 100)).padStart(3)} %`
}
