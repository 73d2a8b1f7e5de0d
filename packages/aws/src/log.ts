import type { Log } from '@gen3d/jobs/ports'

/** One JSON line a call on standard output; `fields` of the logger (service, request id) stand in each. */
export class JsonLog implements Log {
  readonly #fields: Record<string, unknown>
  constructor(fields: Record<string, unknown> = {}) {
    this.#fields = fields
  }

  with(fields: Record<string, unknown>): JsonLog {
    return new JsonLog({ ...this.#fields, ...fields })
  }

  #write(level: string, message: string, fields?: Record<string, unknown>) {
    console.log(
      JSON.stringify({ level, message, time: new Date().toISOString(), ...this.#fields, ...fields }),
    )
  }

  info(message: string, fields?: Record<string, unknown>) {
    this.#write('info', message, fields)
  }

  warn(message: string, fields?: Record<string, unknown>) {
    this.#write('warn', message, fields)
  }

  error(message: string, fields?: Record<string, unknown>) {
    this.#write('error', message, fields)
  }
}
