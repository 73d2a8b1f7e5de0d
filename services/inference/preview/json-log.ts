import type { Log } from '@gen3d/jobs/ports'

/** One JSON object a line on standard output, where SageMaker and Lambda collect it. */
export function createJsonLog(service: string): Log {
  const write = (level: string, message: string, fields: Record<string, unknown> = {}) => {
    process.stdout.write(`${JSON.stringify({ level, service, message, ...fields })}\n`)
  }
  return {
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
  }
}
