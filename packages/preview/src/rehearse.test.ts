import { expect, it } from 'vitest'
import { createDecoder } from './decode.ts'
import { embedPhoto } from './embed.ts'
import { drawPractice, ROUNDS_AGAIN, rehearse } from './rehearse.ts'
import { drawScene } from './select/scene.fixture.ts'

it('changes no answer', () => {
  const photo = drawScene(120, 90)
  const embedding = embedPhoto(photo)
  const [plain, rehearsed] = [createDecoder(embedding, photo), createDecoder(embedding, photo)]
  for (const _ of rehearse(rehearsed, photo));
  const prompts = { points: [{ x: 42, y: 45, label: 1 as const }] }
  const answer = (decoder: typeof plain) => decoder.decode(prompts).map(({ mask, score }) => [mask, score])
  expect(answer(rehearsed)).toEqual(answer(plain))
})

it('can be left at any step, and takes the smallest photo', () => {
  const photo = drawScene(1, 1)
  const decoder = createDecoder(embedPhoto(photo), photo)
  const steps = rehearse(decoder, photo)
  expect(steps.next().done).toBe(false)
  for (const _ of rehearse(decoder, photo));
  expect(decoder.decode({ points: [{ x: 0, y: 0, label: 1 }] })[0].mask).toEqual(Uint8Array.of(1))
})

it('hands on every mask, sketches among them, also of the drawn photo', () => {
  const photo = drawPractice()
  const decoder = createDecoder(embedPhoto(photo), photo)
  const answers = [...rehearse(decoder, photo, ROUNDS_AGAIN)]
  expect(answers.filter((answer) => 'width' in answer)).toHaveLength(2 * ROUNDS_AGAIN)
  // Each other question has one to three candidates.
  expect(answers.length).toBeGreaterThanOrEqual(6 * ROUNDS_AGAIN)
  for (const { mask } of answers) expect(mask).toHaveLength(photo.width * photo.height)
  expect([...rehearse(decoder, photo, 2)].length).toBeGreaterThan(answers.length)
})
