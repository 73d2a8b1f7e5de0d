/** How a photo gets in: dropped, pasted, picked, by its address; and what becomes of it when the line breaks. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeImage } from '@gen3d/image/decode'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { turnImage } from '@gen3d/image/turn'
import { createDecoder } from '@gen3d/preview/decode'
import { embedPhoto } from '@gen3d/preview/embed'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { choosePhoto, clickPhoto, openPage, PHONE, selectedShare, signInOnPage } from './page.ts'
import { usePage } from './page-suite.ts'
import { signIn } from './session.ts'

const { stack, duck, photo, bytes, work, browser } = usePage()
const storage = `${stack.s3_endpoint}/**`

async function open(options = {}) {
  const opened = await openPage(browser(), stack, options)
  await signInOnPage(opened.page, stack)
  return opened
}

const canBeMade = (page: Page) => page.locator('button[type=submit][aria-disabled=false]').waitFor()

async function goHome(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'New object' }).click()
  await page.getByRole('heading', { name: 'Start with a photo' }).waitFor()
}

/** Hands the page a file or a text by drop or paste, as the browser does. */
async function give(page: Page, how: 'drop' | 'paste', what: { file: Uint8Array } | { text: string }) {
  const base64 = 'file' in what ? Buffer.from(what.file).toString('base64') : null
  await page.evaluate(
    ([type, encoded, text]) => {
      const data = new DataTransfer()
      if (encoded) {
        const content = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0))
        data.items.add(new File([content], 'given.jpg', { type: 'image/jpeg' }))
      } else data.setData('text/plain', text ?? '')
      const event =
        type === 'drop'
          ? new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true })
          : new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true })
      document.body.dispatchEvent(event)
    },
    [how, base64, 'text' in what ? what.text : null] as const,
  )
}

test('a photo is dropped, pasted, given by an address of the deployment, and taken with the phone', async () => {
  const { page, complaints } = await open()
  for (const how of ['drop', 'paste'] as const) {
    await give(page, how, { file: bytes })
    await page.getByText('Click on the object.', { exact: true }).waitFor({ timeout: 60_000 })
    await canBeMadeAfter(page)
    await goHome(page)
  }
  const { client } = await signIn(stack)
  const [newest] = (await client.listSessions({ limit: 1 })).sessions
  const { photo_url } = await client.readSession(newest.session_id)
  await give(page, 'paste', { text: photo_url ?? '' })
  await page.getByText('Click on the object.', { exact: true }).waitFor({ timeout: 60_000 })
  // Beside the place for it a file is not taken, and above all not opened instead of the page.
  const url = page.url()
  await give(page, 'drop', { file: bytes })
  expect(page.url()).toBe(url)
  await goHome(page)
  await give(page, 'drop', { text: `data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}` })
  await page.getByText('Click on the object.', { exact: true }).waitFor({ timeout: 60_000 })
  expect(complaints).toEqual([])
  await page.context().close()

  const phone = await open(PHONE)
  const camera = phone.page.getByTestId('camera-input')
  expect(await camera.getAttribute('capture')).toBe('environment')
  const [chooser] = await Promise.all([
    phone.page.waitForEvent('filechooser'),
    phone.page.getByRole('button', { name: 'Take a photo' }).tap(),
  ])
  await chooser.setFiles(photo)
  await phone.page.getByText('Click on the object.', { exact: true }).waitFor({ timeout: 60_000 })
  expect(phone.complaints).toEqual([])
  await phone.page.context().close()
})

/** The photo has arrived: nothing but a selection is missing. */
async function canBeMadeAfter(page: Page): Promise<void> {
  await clickPhoto(page, duck.image, duck.inside[0])
  await canBeMade(page)
}

test('what is no photo, and what lies at a foreign address, is refused before anything is sent', async () => {
  const { page } = await open()
  const sent: string[] = []
  page.on('request', (request) => sent.push(`${request.method()} ${new URL(request.url()).pathname}`))
  const text = join(work, 'notes.jpg')
  writeFileSync(text, 'hello, this is no picture')
  await page.getByTestId('photo-input').setInputFiles(text)
  await page
    .getByRole('alert')
    .filter({ hasText: /JPEG|photo|picture/ })
    .waitFor()
  await give(page, 'paste', { text: 'https://example.com/cat.jpg' })
  await page.getByText('This page reads nothing from foreign addresses.').waitFor()
  await give(page, 'paste', { text: 'just some words' })
  await page.getByText('That was no picture.').waitFor()
  expect(sent.filter((line) => line.startsWith('POST'))).toEqual([])
  await page.context().close()
})

test('a photo that a phone has turned by EXIF is clicked on as it is seen', async () => {
  const stored = new Uint8Array(encodeJpeg(turnImage(duck.image, 8), 92))
  // APP1: "Exif", a little-endian TIFF with one entry, Orientation (0x0112) = 6, turn clockwise.
  const exif = Buffer.from(
    'ffe100224578696600004949' + '2a00080000000100120103000100000006000000' + '00000000',
    'hex',
  )
  const turned = join(work, 'turned.jpg')
  const file = new Uint8Array(Buffer.concat([stored.subarray(0, 2), exif, stored.subarray(2)]))
  writeFileSync(turned, file)
  // What the engine makes of the same clicks without a page: the object, and not what lies there in the stored picture.
  const seen = await decodeImage(file)
  const clicks = duck.inside.map(([x, y]) => ({ x, y, label: 1 as const }))
  const [{ mask }] = createDecoder(embedPhoto(seen), seen).decode({ points: clicks })
  const count = (test: (each: number, pixel: number) => boolean) => mask.filter(test).length
  const truth = duck.mask.data
  const both = count((each, p) => each === 1 && truth[p] !== 0)
  expect(both / count((each, p) => each === 1 || truth[p] !== 0)).toBeGreaterThan(0.75)
  const wanted = (100 * count((each) => each === 1)) / mask.length
  const { page, complaints } = await open()
  await choosePhoto(page, turned)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  // The page says whole percents.
  await expect.poll(async () => Math.abs((await selectedShare(page)) - wanted)).toBeLessThan(0.75)
  expect(complaints).toEqual([])
  await page.context().close()
})

test('a line that breaks in the upload loses nothing: the same form is tried again, by hand or by itself', async () => {
  const { page } = await open()
  let tries = 0
  await page.route(storage, (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    tries += 1
    return route.abort('connectionreset')
  })
  const sessionId = await choosePhoto(page, photo)
  await page.getByText('No answer. Check the connection').waitFor()
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  const share = await selectedShare(page)
  await page.getByText('The photo has to arrive first.').waitFor()
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect.poll(() => tries).toBe(2)
  await page.getByText('No answer. Check the connection').waitFor()

  // A reload in the middle of it: photo and selection are still here, and it is sent anew.
  await page.reload()
  await page.getByTestId('stage').waitFor()
  await expect.poll(() => tries).toBe(3)
  await expect.poll(() => selectedShare(page)).toBe(share)
  await page.getByText('No answer. Check the connection').waitFor()

  await page.context().setOffline(true)
  await page.getByText('You are offline.').waitFor()
  await page.unroute(storage)
  await page.context().setOffline(false)
  await canBeMade(page)
  expect(page.url()).toContain(sessionId)
  expect(await selectedShare(page)).toBe(share)
  await page.context().close()
})

test('a form that is too old leads to a new session with the same selection', async () => {
  const { page } = await open()
  await page.route(storage, (route) =>
    route.request().method() === 'POST'
      ? route.fulfill({ status: 403, headers: { 'access-control-allow-origin': '*' }, body: '<Error/>' })
      : route.continue(),
  )
  const sessionId = await choosePhoto(page, photo)
  for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
  const share = await selectedShare(page)
  await page.getByRole('button', { name: 'Start a new upload' }).waitFor()
  await page.reload()
  await page.getByRole('button', { name: 'Start a new upload' }).waitFor()
  await page.unroute(storage)
  await page.getByRole('button', { name: 'Start a new upload' }).click()
  await page.waitForURL((url) => !url.hash.includes(sessionId))
  await canBeMade(page)
  await expect.poll(() => selectedShare(page)).toBe(share)
  const { client } = await signIn(stack)
  await expect
    .poll(async () => (await client.listSessions()).sessions.map((each) => each.session_id))
    .not.toContain(sessionId)
  await page.context().close()
})

test('an upload is stopped, and started again', async () => {
  const { page, complaints } = await open()
  await page.route(storage, (route) => (route.request().method() === 'POST' ? undefined : route.continue()))
  await choosePhoto(page, photo)
  await page
    .getByText(/^Sending the photo/)
    .first()
    .waitFor()
  await page.getByRole('button', { name: 'Cancel' }).click()
  await page.getByText('The upload was stopped.').waitFor()
  await page.unroute(storage)
  await page.getByRole('button', { name: 'Try again' }).click()
  await clickPhoto(page, duck.image, duck.inside[0])
  await canBeMade(page)
  expect(complaints).toEqual([])
  await page.context().close()
})
