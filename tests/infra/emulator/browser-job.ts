/** The job on the published page, in a real browser that finds the website's own name where it is played. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeJpeg } from '@gen3d/image/encode-jpeg'
import { choosePhoto, clickPhoto, makeObject, openBrowser, openPage, signInOnPage } from '../../e2e/page.ts'
import { drawDuck } from '../../fixtures/duck.ts'
import type { Deployment } from './deployment.ts'
import { signUp } from './whole-job.ts'

/** Resolves with the mesh that a person keeps, and what the page complained of. */
export async function runBrowserJob(deployment: Deployment) {
  const { SiteUrl } = await deployment.outputs()
  const { email, password } = await signUp(deployment, await deployment.siteConfig())
  const folder = mkdtempSync(join(tmpdir(), 'gen3d-browser-'))
  const photo = join(folder, 'duck.jpg')
  const duck = drawDuck()
  writeFileSync(photo, encodeJpeg(duck.image, 92))
  const { host } = new URL(SiteUrl)
  const browser = await openBrowser([`--host-resolver-rules=MAP ${host} ${new URL(deployment.site).host}`])
  try {
    const { page, complaints } = await openPage(browser, { web_url: SiteUrl })
    await signInOnPage(page, { username: email, password })
    await choosePhoto(page, photo)
    for (const pixel of duck.inside) await clickPhoto(page, duck.image, pixel)
    await makeObject(page)
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'as GLB' }).click(),
    ])
    const mesh = new Uint8Array(readFileSync(await file.path()))
    return { mesh, complaints, url: page.url() }
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
