import { describe, expect, it } from 'vitest'
import { embedPhoto, readEmbedding, writeEmbedding } from './embed.ts'
import { PreviewError } from './errors.ts'
import { bytesTensor, floatTensor, readSafetensors, toFloats, writeSafetensors } from './safetensors.ts'
import { drawScene } from './select/scene.fixture.ts'

describe('safetensors', () => {
  it('lays a file out as the format says', () => {
    const bytes = writeSafetensors({
      metadata: { engine: 'x' },
      tensors: { a: floatTensor(Float32Array.of(1, -2), [2]), b: bytesTensor(Uint8Array.of(7, 8, 9), [3]) },
    })
    const length = bytes[0] + 256 * bytes[1]
    expect([...bytes.subarray(2, 8)]).toEqual([0, 0, 0, 0, 0, 0])
    expect((8 + length) % 8).toBe(0)
    expect(JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)))).toEqual({
      __metadata__: { engine: 'x' },
      a: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
      b: { dtype: 'U8', shape: [3], data_offsets: [8, 11] },
    })
    expect([...bytes.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0, 7, 8, 9])
  })

  it('reads back what it wrote', () => {
    const values = Float32Array.of(0.1, 3e20, -0)
    const file = readSafetensors(
      writeSafetensors({ metadata: {}, tensors: { v: floatTensor(values, [3, 1]) } }),
    )
    expect(file.tensors.v.shape).toEqual([3, 1])
    expect(toFloats(file.tensors.v)).toEqual(values)
  })

  it('refuses files that are cut off, not JSON or of impossible sizes', () => {
    const good = writeSafetensors({ metadata: {}, tensors: { v: floatTensor(Float32Array.of(1), [1]) } })
    const broken = [
      new Uint8Array(0),
      good.subarray(0, 7),
      good.subarray(0, good.length - 1),
      Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 1),
      Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7b),
    ]
    for (const bytes of broken) expect(() => readSafetensors(bytes)).toThrow(PreviewError)
  })
})

describe('half precision', () => {
  it('is read as the numbers that IEEE 754 says', () => {
    const bits = [0x3c00, 0xc000, 0x0001, 0x83ff, 0x7bff, 0x0000, 0x7c00, 0xfc00]
    const bytes = new Uint8Array(Uint16Array.from(bits).buffer)
    const values = [
      1,
      -2,
      2 ** -24,
      -1023 * 2 ** -24,
      65504,
      0,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
    ]
    expect([...toFloats({ dtype: 'F16', shape: [8], bytes })]).toEqual(values)
  })
})

describe('the embedding file', () => {
  const embedding = embedPhoto(drawScene(160, 120))

  it('names engine, version, image size and decoder, and reads back equal', () => {
    const bytes = writeEmbedding(embedding)
    expect(readSafetensors(bytes).metadata).toEqual({
      engine: 'preview',
      version: '1',
      image_width: '160',
      image_height: '120',
      decoder_name: 'preview',
      decoder_version: '1',
    })
    expect(readEmbedding(bytes)).toEqual(embedding)
    expect(writeEmbedding(embedPhoto(drawScene(160, 120)))).toEqual(bytes)
  })

  it('stays below 300 kB for a photo of 1024 pixels', () => {
    expect(writeEmbedding(embedPhoto(drawScene(1024, 1024))).length).toBeLessThan(300_000)
  })

  it('refuses embeddings of other decoders and sizes that do not fit', () => {
    const other = { ...embedding, image: { width: 320, height: 500 } }
    expect(() => readEmbedding(writeEmbedding(other))).toThrow(PreviewError)
    const file = readSafetensors(writeEmbedding(embedding))
    const foreign = writeSafetensors({ ...file, metadata: { ...file.metadata, decoder_name: 'sam3' } })
    expect(() => readEmbedding(foreign)).toThrow('sam3')
  })
})
