import { describe, expect, it } from 'vitest'
import { keepInMemory } from '../keep.ts'
import type { RemoteDecoder } from './decoder.ts'
import type { DecoderCall, DecoderCalls, Suggestion } from './decoder-protocol.ts'
import { addPoint, changeActive, type SelectionDocument } from './document.ts'
import { createSelection } from './selection.ts'

const photo = new Uint8Array([1])
const LOADED = { width: 4, height: 4, engine: { name: 'preview', version: '1' }, seconds: 0 }

const SERVER = { embedding: new Uint8Array(), decoder: { name: 'preview', version: '1' } }

function suggestion(share: number): Suggestion {
  return { outline: new Int32Array(), score: 1, share }
}

/** A decoder that answers when it is told to, and says how often it was asked. */
function setUp(agreement = 1, othersWait = false, keep = keepInMemory()) {
  const asked: number[] = []
  const answers: (() => void)[] = []
  const used: string[] = []
  const decoder: RemoteDecoder = {
    async call<Name extends DecoderCall>(name: Name, input: DecoderCalls[Name]['input']) {
      used.push(name)
      const give = (output: DecoderCalls[DecoderCall]['output']) => output as DecoderCalls[Name]['output']
      if (name === 'load') return give(LOADED)
      if (name === 'compareEmbedding') return give([agreement])
      if (name === 'decodeOthers') {
        if (othersWait) await new Promise<void>((resolve) => answers.push(resolve))
        return give([suggestion(0.9)])
      }
      if (name !== 'decode' && name !== 'sketch') return give(null)
      const count = (input as DecoderCalls['decode' | 'sketch']['input']).prompts.points.length
      asked.push(count)
      await new Promise<void>((resolve) => answers.push(resolve))
      if (name === 'sketch') return give(suggestion(count / 10))
      return give({ best: suggestion(count / 10), others: 1 })
    },
    close() {},
  }
  const selection = createSelection(decoder, keep, 'session')
  const add = () => selection.change((document) => addPoint(document, { x: 1, y: 1, label: 1 }))
  const answer = async () => {
    answers.shift()?.()
    await new Promise((resolve) => setTimeout(resolve, 0))
  }
  return { selection, asked, used, keep, add, answer }
}

describe('selecting', () => {
  it('waits for the decoder and then decodes what was clicked meanwhile', async () => {
    const { selection, asked, add, answer } = setUp()
    add()
    expect(asked).toEqual([])
    await selection.load(photo)
    expect(asked).toEqual([1])
    await answer()
    expect(selection.chosen.value[0].suggestion.share).toBe(0.1)
  })

  it('lets the latest prompts win and skips those in between', async () => {
    const { selection, asked, add, answer } = setUp()
    await selection.load(photo)
    for (let i = 0; i < 5; i++) add()
    await answer()
    await answer()
    expect(asked).toEqual([1, 5])
    expect(selection.chosen.value[0].suggestion.share).toBe(0.5)
  })

  it('shows what a click would select although the first answers were slow, but not with a slow engine', async () => {
    const { selection, asked, add, answer } = setUp()
    await selection.load(photo)
    const slowly = async () => {
      await new Promise((resolve) => setTimeout(resolve, 160))
      await answer()
    }
    add()
    await slowly()
    const hoverAt = (x: number) => selection.hoverAt({ x, y: 0, label: 1 })
    for (const x of [0, 1, 2]) {
      hoverAt(x)
      await slowly()
      expect(selection.hover.value?.share).toBe(0.2)
    }
    hoverAt(3)
    expect(selection.hover.value).toBeNull()
    expect(asked).toEqual([1, 2, 2, 2])
    // It may have been a busy minute.
    await new Promise((resolve) => setTimeout(resolve, 2050))
    hoverAt(4)
    expect(asked).toEqual([1, 2, 2, 2, 2])
  })

  it('shows the best suggestion before the others are there, and drops those of older prompts', async () => {
    const { selection, used, add, answer } = setUp(1, true)
    await selection.load(photo)
    add()
    await answer()
    expect(selection.chosen.value[0].suggestion.share).toBe(0.1)
    expect(selection.suggestionCount.value).toBe(2)
    expect(used).toEqual(['load', 'decode', 'decodeOthers'])
    add()
    await answer()
    await answer()
    const own = () => selection.suggestions.value.get('1')?.list.map(({ share }) => share)
    expect(own()).toEqual([0.2])
    await answer()
    expect(own()).toEqual([0.2, 0.9])
  })

  it('shows the chosen suggestion at once when its threshold moves, not the best in between', async () => {
    const { selection, add, answer } = setUp()
    await selection.load(photo)
    add()
    await answer()
    selection.cycle(1)
    const shown: number[] = []
    const stop = selection.chosen.subscribe(([first]) => void shown.push(first.suggestion.share))
    selection.change((document) => changeActive(document, (layer) => ({ ...layer, shift: 1 })))
    await answer()
    stop()
    expect(new Set(shown)).toEqual(new Set([0.9]))
  })

  it('steps through the suggestions and back, as steps of undo', async () => {
    const { selection, add, answer } = setUp()
    await selection.load(photo)
    add()
    await answer()
    selection.cycle(-1)
    expect(selection.chosen.value[0].suggestion.share).toBe(0.9)
    selection.undo()
    expect(selection.chosen.value[0].suggestion.share).toBe(0.1)
    selection.undo()
    expect(selection.chosen.value).toEqual([])
    selection.redo()
    await answer()
    expect(selection.chosen.value).toHaveLength(1)
  })

  it('finds its draft again after a reload', async () => {
    const { selection, keep, add } = setUp()
    await selection.load(photo)
    add()
    selection.dispose()
    const draft = await keep.read<SelectionDocument>('drafts', 'session')
    expect(draft?.layers[0].points).toHaveLength(1)
  })

  it('takes the server’s embedding in silence when it selects the same', async () => {
    const { selection, used, add, answer } = setUp(1)
    await selection.load(photo)
    add()
    await answer()
    await selection.compare(SERVER, LOADED.engine)
    expect(selection.server.value.kind).toBe('same')
    expect(used).toContain('useServerEmbedding')
  })

  it('only offers the server’s embedding when it selects differently', async () => {
    const { selection, used, add, answer } = setUp(0.8)
    await selection.load(photo)
    add()
    await answer()
    await selection.compare(SERVER, LOADED.engine)
    expect(selection.server.value.kind).toBe('differs')
    expect(used).not.toContain('useServerEmbedding')
  })

  it('goes on after a reload with the engine that was taken before anything was selected', async () => {
    const foreign = { name: 'sam3d', version: '1' }
    const first = setUp(1)
    await first.selection.load(photo)
    await first.selection.compare(SERVER, foreign)
    first.add()
    first.selection.dispose()

    const { selection } = setUp(0.2, false, first.keep)
    await selection.load(photo)
    await selection.compare(SERVER, foreign)
    expect(selection.server.value.kind).toBe('same')
    expect(selection.engine.value).toEqual(foreign)
  })

  it('asks nothing for a layer without prompts', async () => {
    const { selection, asked } = setUp()
    await selection.load(photo)
    selection.change((document) => changeActive(document, (layer) => ({ ...layer, inverted: true })))
    expect(asked).toEqual([])
  })
})
