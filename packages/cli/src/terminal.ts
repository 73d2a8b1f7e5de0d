/** Where a command writes, what it may read, and when it must stop; made once in main.ts, handed to every command. */
export interface Terminal {
  /** Results: text for people, or with --json one JSON document. */
  readonly out: (text: string) => void
  /** Notes and progress. */
  readonly note: (text: string) => void
  /** Raw text to the error stream, for the progress bar; null where it would only litter a log. */
  readonly draw: ((text: string) => void) | null
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  /** For hidden prompts. */
  readonly stderr: NodeJS.WritableStream
  readonly env: Readonly<Record<string, string | undefined>>
  /** Relative paths are taken from here. */
  readonly folder: string
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}
