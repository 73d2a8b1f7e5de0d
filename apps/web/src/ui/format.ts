/** Numbers as people read them. */

export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`
  return `${(bytes / 1e6).toFixed(bytes < 9.95e6 ? 1 : 0)} MB`
}

export function formatSeconds(seconds: number): string {
  if (seconds < 0.95) return 'a second'
  if (seconds < 90) return `${Math.round(seconds)} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

/** The same words on one line. */
export function unbroken(words: string): string {
  return words.replaceAll(' ', '\u00a0')
}

/** A length in metres. */
export function formatMetres(metres: number): string {
  if (metres < 0.01) return `${(metres * 1000).toFixed(1)} mm`
  if (metres < 1) return `${(metres * 100).toFixed(metres < 0.1 ? 1 : 0)} cm`
  return `${metres.toFixed(2)} m`
}

/** A share of the whole, 0-1. */
export function formatShare(share: number): string {
  const percent = share * 100
  return `${percent > 0 && percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`
}

export function formatWhen(instant: string | Date): string {
  return new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}

export function formatDay(day: Date): string {
  return day.toLocaleDateString(undefined, { dateStyle: 'medium' })
}
