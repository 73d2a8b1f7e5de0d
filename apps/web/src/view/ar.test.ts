import type { ResultFile } from '@gen3d/shared/api'
import { FORMATS } from '@gen3d/shared/formats'
import { describe, expect, it } from 'vitest'
import { arLink, sceneViewerIntent } from './ar.ts'

const PAGE = 'https://page.example/#/sessions/S'
const IPHONE = { quickLook: true, userAgent: 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X)' }
const PIXEL = { quickLook: false, userAgent: 'Mozilla/5.0 (Linux; Android 16; Pixel 10) Chrome/156' }
const LAPTOP = { quickLook: false, userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/156' }

function file(format: 'usdz' | 'glb', name: string, scheme = 'https'): ResultFile {
  const { kind, frame, unit } = FORMATS[format]
  const url = `${scheme}://bucket.example/${name}.${format}?X-Amz-Signature=a%2Bb&x=1`
  return { format, kind, frame, unit, size_bytes: 1, url } as ResultFile
}

function result(files: ResultFile[], scene: ResultFile[] | null = null) {
  const bounds = { min: [0, 0, 0], max: [1, 1, 1] }
  return { objects: [{ name: 'duck', bounds, files }], scene: scene && { files: scene } }
}

describe('the link into the room', () => {
  it('opens the USDZ where the browser knows rel="ar"', () => {
    const link = arLink(result([file('glb', 'duck'), file('usdz', 'duck')]), 'Duck', IPHONE, PAGE)
    expect(link?.rel).toBe('ar')
    expect(link?.href).toMatch(
      /^https:\/\/bucket\.example\/duck\.usdz\?X-Amz-Signature=a%2Bb&x=1#allowsContentScaling=0$/,
    )
  })

  it('hands the GLB to Scene Viewer on Android, its whole signed address as one parameter', () => {
    const link = arLink(result([file('glb', 'duck'), file('usdz', 'duck')]), 'Bath & duck', PIXEL, PAGE)
    expect(link?.rel).toBeUndefined()
    const [intent, extras] = (link?.href ?? '').split('#Intent;')
    const query = new URL(intent.replace('intent:', 'https:')).searchParams
    expect([...query.keys()]).toEqual(['file', 'mode', 'title'])
    expect(query.get('file')).toBe('https://bucket.example/duck.glb?X-Amz-Signature=a%2Bb&x=1')
    expect(query.get('title')).toBe('Bath & duck')
    expect(extras.split(';')).toEqual([
      'scheme=https',
      'package=com.google.android.googlequicksearchbox',
      'action=android.intent.action.VIEW',
      `S.browser_fallback_url=${encodeURIComponent(PAGE)}`,
      'end',
      '',
    ])
  })

  it('takes the scene where there are several objects', () => {
    const several = result([file('usdz', 'one')], [file('usdz', 'scene')])
    expect(arLink(several, 'Both', IPHONE, PAGE)?.href).toContain('/scene.usdz?')
  })

  it('is absent without the file, on plain http for Android, and on other devices', () => {
    expect(arLink(result([file('glb', 'duck')]), 'Duck', IPHONE, PAGE)).toBeNull()
    expect(arLink(result([file('glb', 'duck', 'http')]), 'Duck', PIXEL, PAGE)).toBeNull()
    expect(arLink(result([file('usdz', 'duck')]), 'Duck', PIXEL, PAGE)).toBeNull()
    expect(arLink(result([file('glb', 'duck'), file('usdz', 'duck')]), 'Duck', LAPTOP, PAGE)).toBeNull()
  })

  it('cannot be broken out of by a title', () => {
    const intent = sceneViewerIntent('https://b/f.glb', '#Intent;scheme=tel;end;', PAGE)
    expect(intent.match(/#Intent;/g)).toHaveLength(1)
    expect(intent).not.toContain('scheme=tel')
  })
})
