import { createInterface } from 'node:readline'
import { decodeImage } from '@gen3d/image/decode'
import { createDecoder, type Decoder } from '@gen3d/preview/decode'
import { embedPhoto } from '@gen3d/preview/embed'
import { ROUNDS, ROUNDS_AGAIN, rehearse } from '@gen3d/preview/rehearse'
import type { BoxPrompt, PointPrompt } from '@gen3d/shared/prompts'
import { noPositionals } from './arguments.ts'
import type { Command } from './command.ts'
import { CliError, EXIT, usageError } from './errors.ts'
import { readInput } from './files.ts'
import type { Terminal } from './terminal.ts'

/**
 * One JSON object a line, one answer a line:
 *   {"op":"encode","image":PATH}                               -> {"ok":true}
 *   {"op":"decode","points":[{"x","y","label"}],"box":[x0,y0,x1,y1]|null}
 *        -> {"width","height","counts"}  run lengths in row order; the first run is background
 * A line that cannot be served is answered with {"error": SENTENCE}; the engine goes on.
 */
export const engine: Command = {
  summary: 'Serve the embedded engine over lines of JSON, for other programs.',
  usage: 'gen3d engine --lines',
  options: { lines: { help: 'JSON lines on standard input and output: encode a photo, decode clicks.' } },
  examples: ['echo \'{"op":"encode","image":"photo.jpg"}\' | gen3d engine --lines'],
  async run(args, terminal) {
    noPositionals(args)
    if (!args.has('lines')) throw usageError('Say how to serve: gen3d engine --lines.')
    await serveLines(terminal)
    return EXIT.ok
  },
}

interface Opened {
  readonly width: number
  readonly height: number
  readonly decoder: Decoder
}

async function serveLines(terminal: Terminal): Promise<void> {
  let opened: Opened | null = null
  let rehearsed = false
  const lines = createInterface({ input: terminal.stdin, crlfDelay: Number.POSITIVE_INFINITY })
  terminal.signal.addEventListener('abort', () => lines.close())
  for await (const line of lines) {
    if (line.trim() === '') continue
    try {
      const request = toRequest(line)
      if (request.op === 'encode') {
        opened = null
        opened = await encode(request.image, terminal.folder)
        for (const _ of rehearse(opened.decoder, opened, rehearsed ? ROUNDS_AGAIN : ROUNDS));
        rehearsed = true
        terminal.out('{"ok":true}')
      } else terminal.out(JSON.stringify(decode(request, opened)))
    } catch (error) {
      terminal.out(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }))
    }
  }
  terminal.signal.throwIfAborted()
}

async function encode(path: string, folder: string): Promise<Opened> {
  const photo = await decodeImage(await readInput(folder, path))
  const { width, height } = photo
  return { width, height, decoder: createDecoder(embedPhoto(photo), photo) }
}

function decode(request: DecodeRequest, opened: Opened | null): object {
  if (!opened) throw new CliError('Encode a photo first.')
  const [best] = opened.decoder.decode({ points: request.points, box: request.box })
  return { width: opened.width, height: opened.height, counts: toRunLengths(best.mask) }
}

/** Lengths of runs of equal pixels in row order; the first counts pixels outside and may be 0. */
export function toRunLengths(mask: Uint8Array): number[] {
  const counts: number[] = []
  let value = 0
  let run = 0
  for (const pixel of mask) {
    if (pixel !== value) {
      counts.push(run)
      value = pixel
      run = 0
    }
    run++
  }
  counts.push(run)
  return counts
}

interface DecodeRequest {
  readonly op: 'decode'
  readonly points: readonly PointPrompt[]
  readonly box: BoxPrompt | null
}

function toRequest(line: string): { op: 'encode'; image: string } | DecodeRequest {
  const request = JSON.parse(line) as {
    op?: unknown
    image?: unknown
    points?: unknown
    box?: unknown
  } | null
  if (request?.op === 'encode' && typeof request.image === 'string') {
    return { op: 'encode', image: request.image }
  }
  if (request?.op === 'decode' && isPoints(request.points ?? []) && isBox(request.box ?? null)) {
    return {
      op: 'decode',
      points: (request.points ?? []) as PointPrompt[],
      box: (request.box ?? null) as BoxPrompt | null,
    }
  }
  throw new CliError('A line is {"op":"encode","image":PATH} or {"op":"decode","points":[…],"box":[…]|null}.')
}

function isPoints(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (point) =>
        typeof point === 'object' &&
        Number.isFinite(point?.x) &&
        Number.isFinite(point?.y) &&
        (point.label === 0 || point.label === 1),
    )
  )
}

function isBox(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 4 && value.every(Number.isFinite))
}
