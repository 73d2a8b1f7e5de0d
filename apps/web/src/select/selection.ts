/**
 * The state of selecting in one session: the document with its history, what the decoder suggests for each layer, and
 * the draft that survives a reload. Knows no DOM; the stage draws it.
 */

import type { EmbedResponse } from '@gen3d/shared/api'
import type { PointPrompt } from '@gen3d/shared/prompts'
import { batch, computed, effect, type Signal, signal, untracked } from '@preact/signals'
import type { Keep } from '../keep.ts'
import { strings } from '../strings.ts'
import type { RemoteDecoder } from './decoder.ts'
import type {
  DecoderStage,
  LoadedPhoto,
  RoughObjects,
  ServerEmbeddingFile,
  Suggestion,
} from './decoder-protocol.ts'
import {
  activeLayer,
  changeActive,
  isEmpty,
  type Layer,
  newDocument,
  promptsKey,
  type SelectionDocument,
  toChoice,
  toQuestion,
} from './document.ts'
import { type History, record, redo, startHistory, undo } from './history.ts'

export interface LayerSuggestions {
  /** `promptsKey` of the layer for which they were made. */
  readonly key: string
  /** Best first. */
  readonly list: readonly Suggestion[]
  /** How many more the decoder has: they are asked for when it has nothing else to do. */
  readonly missing: number
}

export type Readiness =
  | { readonly kind: 'starting' | 'decoding' | 'embedding' }
  | { readonly kind: 'ready'; readonly photo: LoadedPhoto }
  | { readonly kind: 'failed'; readonly message: string }

/** What became of the server's embedding, beside the page's own. */
export type ServerEmbedding =
  | { readonly kind: 'none' }
  /** Its decoder is on its way; `fraction` 0-1, null: not known. */
  | { readonly kind: 'fetching'; readonly fraction: number | null }
  | { readonly kind: 'same' }
  | { readonly kind: 'differs'; readonly engine: EmbedResponse['engine'] }
  | { readonly kind: 'failed'; readonly message: string }
  | { readonly kind: 'foreign'; readonly decoder: string }

export type Selection = ReturnType<typeof createSelection>

/** Engines that take longer are not asked while the pointer moves. */
const HOVER_MAX_MS = 150
/** After this long without an answer a slow engine is tried once more. */
const HOVER_AGAIN_MS = 2000
/** An engine is judged by the best of these: the first answers find nothing compiled. */
const WARM_UP_ANSWERS = 4

export function createSelection(decoder: RemoteDecoder, keep: Keep, sessionId: string) {
  const history: Signal<History<SelectionDocument>> = signal(
    startHistory(newDocument(strings.select.layerName(1))),
  )
  const document = computed(() => history.value.present)
  const layer = computed(() => activeLayer(document.value))
  const readiness = signal<Readiness>({ kind: 'starting' })
  const suggestions = signal<ReadonlyMap<string, LayerSuggestions>>(new Map())
  /** Of the active layer, those that are still missing too. */
  const suggestionCount = computed(() => {
    const own = suggestions.value.get(layer.value.id)
    return own ? own.list.length + own.missing : 0
  })
  const fault = signal<string | null>(null)
  const server = signal<ServerEmbedding>({ kind: 'none' })
  /** Whose decoder answers. */
  const engine = signal<EmbedResponse['engine'] | null>(null)
  /** Names the engine that was taken instead of the page's own, so that a reload takes it again. */
  const takenKey = `${sessionId}/engine`
  const decodeMs = signal<number | null>(null)
  /** What one more click, where the pointer is, would select. */
  const hover = signal<Suggestion | null>(null)
  const answerMs: number[] = []
  let answeredAt = 0
  let hoverWish: PointPrompt | null = null
  let hovering = false
  let decoding = false
  let restored = false
  let saving = false
  let saved: SelectionDocument | null = null

  function activeFirst(): Layer[] {
    const { layers, active } = document.value
    return [...layers].sort((a, b) => Number(b.id === active) - Number(a.id === active))
  }

  /** Layers whose suggestions are out of date, the active one first. */
  function stale(): Layer[] {
    return activeFirst().filter((each) => suggestions.value.get(each.id)?.key !== promptsKey(each))
  }

  /** Layers of which only the best suggestion is there, the active one first. */
  function unfinished(): Layer[] {
    return activeFirst().filter((each) => (suggestions.value.get(each.id)?.missing ?? 0) > 0)
  }

  function keepSuggestions(id: string, value: LayerSuggestions): void {
    const next = new Map(suggestions.value)
    next.set(id, value)
    suggestions.value = next
  }

  function forget(each: Layer): void {
    keepSuggestions(each.id, { key: promptsKey(each), list: [], missing: 0 })
  }

  function countAnswer(start: number): void {
    decodeMs.value = performance.now() - start
    answerMs.push(decodeMs.value)
    answeredAt = performance.now()
    if (answerMs.length > WARM_UP_ANSWERS) answerMs.shift()
  }

  /** Whether the engine follows a moving pointer, as far as its last answers tell; a busy minute ends, too. */
  const isQuick = () =>
    answerMs.length < WARM_UP_ANSWERS ||
    Math.min(...answerMs) <= HOVER_MAX_MS ||
    performance.now() - answeredAt >= HOVER_AGAIN_MS

  /** One decode at a time, always of the newest prompts: what was asked for meanwhile and is old already is skipped. */
  async function decodeStale(): Promise<void> {
    if (decoding || readiness.value.kind !== 'ready') return
    decoding = true
    for (;;) {
      const next = stale()[0]
      const half = next ? undefined : unfinished()[0]
      if (next && isEmpty(next)) forget(next)
      else if (next) await decodeBest(next)
      else if (half) await decodeOthers(half)
      else break
    }
    const wish = hoverWish
    hoverWish = null
    if (wish && isQuick()) await decodeHover(wish)
    // What was shown for another place would mislead.
    else if (wish) hover.value = null
    decoding = false
    if (hoverWish || stale().length > 0) void decodeStale()
  }

  async function decodeBest(next: Layer): Promise<void> {
    const key = promptsKey(next)
    const start = performance.now()
    try {
      const { best, others } = await decoder.call('decode', toQuestion(next))
      // Whoever chose another one is not shown the best in between.
      const more =
        others > 0 && next.candidate > 0 ? await decoder.call('decodeOthers', toQuestion(next)) : []
      batch(() => {
        fault.value = null
        countAnswer(start)
        keepSuggestions(next.id, { key, list: [best, ...more], missing: others - more.length })
      })
    } catch (error) {
      batch(() => {
        fault.value = (error as Error).message
        forget(next)
      })
    }
  }

  /** Those that come after newer prompts are dropped. */
  async function decodeOthers(layer: Layer): Promise<void> {
    const key = promptsKey(layer)
    const others = await decoder.call('decodeOthers', toQuestion(layer)).catch(() => [])
    const now = suggestions.value.get(layer.id)
    if (now?.key === key) keepSuggestions(layer.id, { key, list: [...now.list, ...others], missing: 0 })
  }

  /** Not for the record: a wish that came too late is not even shown. */
  async function decodeHover(point: PointPrompt): Promise<void> {
    const before = document.value
    const active = activeLayer(before)
    const { prompts, shift } = toQuestion(active)
    const start = performance.now()
    const sketch = await decoder
      .call('sketch', { prompts: { ...prompts, points: [...prompts.points, point] }, shift })
      .catch(() => null)
    countAnswer(start)
    if (document.value === before && hovering) hover.value = sketch
  }

  async function rememberTaken(from: EmbedResponse['engine']): Promise<void> {
    await keep.write('drafts', takenKey, from.name).catch(() => undefined)
  }

  async function takeServer(from: EmbedResponse['engine']): Promise<void> {
    await decoder.call('useServerEmbedding', {})
    await rememberTaken(from)
    batch(() => {
      engine.value = from
      server.value = { kind: 'same' }
      suggestions.value = new Map()
      answerMs.length = 0
    })
    await decodeStale()
  }

  const stopDecoding = effect(() => {
    document.value
    readiness.value
    untracked(() => void decodeStale())
  })

  const stopHover = effect(() => {
    document.value
    hover.value = null
  })

  const stopSaving = effect(() => {
    history.value
    untracked(() => void save())
  })

  /** At once, so that a reload loses nothing; what changes while the browser writes is written after it. */
  async function save(): Promise<void> {
    if (saving || !restored) return
    saving = true
    while (saved !== document.value) {
      const draft = document.value
      saved = draft
      await keep.write('drafts', sessionId, draft).catch(() => undefined)
    }
    saving = false
  }

  return {
    document,
    layer,
    readiness,
    suggestions,
    suggestionCount,
    fault,
    server,
    engine,
    decodeMs,
    hover,
    canUndo: computed(() => history.value.past.length > 0),
    canRedo: computed(() => history.value.future.length > 0),
    /** Layers that have something selected, with the chosen suggestion. */
    chosen: computed(() =>
      document.value.layers.flatMap((each) => {
        const list = suggestions.value.get(each.id)?.list ?? []
        const suggestion = list[Math.min(each.candidate, list.length - 1)]
        return suggestion ? [{ layer: each, suggestion }] : []
      }),
    ),
    async load(photo: Uint8Array<ArrayBuffer>): Promise<void> {
      const draft = await keep.read<SelectionDocument>('drafts', sessionId).catch(() => undefined)
      if (draft) history.value = startHistory(draft)
      restored = true
      saved = document.value
      try {
        const loaded = await decoder.call('load', { photo })
        engine.value = loaded.engine
        readiness.value = { kind: 'ready', photo: loaded }
      } catch (error) {
        readiness.value = { kind: 'failed', message: (error as Error).message }
      }
    },
    change(step: (document: SelectionDocument) => SelectionDocument): void {
      history.value = record(history.value, step(history.value.present))
    },
    /** Changes without a step of undo: names, the active layer, a drag that is still going on. */
    amend(step: (document: SelectionDocument) => SelectionDocument): void {
      history.value = { ...history.value, present: step(history.value.present) }
    },
    undo: () => {
      history.value = undo(history.value)
    },
    redo: () => {
      history.value = redo(history.value)
    },
    /** The next suggestion for the active layer, or with -1 the one before. */
    cycle(by: number): void {
      const count = suggestionCount.value
      if (count < 2) return
      const candidate = (((layer.value.candidate + by) % count) + count) % count
      history.value = record(
        history.value,
        changeActive(document.value, (each) => ({ ...each, candidate })),
      )
    },
    /** Shows what a click here would do, once the decoder has time; null: the pointer is elsewhere. */
    hoverAt(point: PointPrompt | null): void {
      hovering = point !== null
      hoverWish = point
      if (point) void decodeStale()
      else hover.value = null
    },
    writeMask(each: Layer): Promise<Uint8Array<ArrayBuffer>> {
      return decoder.call('writeMask', toChoice(each))
    },
    /** The preview engine's coarse object of everything that is selected. */
    makeRough(): Promise<RoughObjects> {
      const choices = document.value.layers.filter((each) => !isEmpty(each)).map(toChoice)
      return decoder.call('makeRough', { choices })
    },
    /** What the Worker is at. */
    onStage(stage: DecoderStage): void {
      if (stage.kind === 'fetching') server.value = stage
      else if (readiness.value.kind !== 'ready') readiness.value = stage
    },
    /** Decodes the same prompts from the server's embedding; a different selection is offered, never forced. */
    async compare(file: ServerEmbeddingFile, from: EmbedResponse['engine']): Promise<void> {
      if (file.decoder.url) server.value = { kind: 'fetching', fraction: null }
      const choices = document.value.layers.filter((each) => !isEmpty(each)).map(toChoice)
      try {
        const agreements = await decoder.call('compareEmbedding', { ...file, choices })
        const taken = await keep.read<string>('drafts', takenKey).catch(() => undefined)
        if (taken === from.name) await takeServer(from)
        else if (agreements.some((share) => share < 1)) server.value = { kind: 'differs', engine: from }
        else {
          await decoder.call('useServerEmbedding', {})
          if (from.name !== engine.value?.name) await rememberTaken(from)
          engine.value = from
          server.value = { kind: 'same' }
        }
      } catch (error) {
        // The page's own embedding goes on.
        server.value = { kind: 'failed', message: (error as Error).message }
      }
    },
    async useServer(): Promise<void> {
      if (server.value.kind === 'differs') await takeServer(server.value.engine)
    },
    dispose(): void {
      stopDecoding()
      stopHover()
      stopSaving()
      void save()
      decoder.close()
    },
  }
}
