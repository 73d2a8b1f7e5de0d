/**
 * Where a device shows an object in the room before it: Quick Look of iOS takes a USDZ through a link with rel="ar",
 * Scene Viewer of Android a GLB through an intent. Pure. Nobody has tried either on a device.
 */
import type { ResultFile } from '@gen3d/shared/api'
import type { ShownResult } from './files.ts'

/** What the browser says of itself. */
export interface ArDevice {
  /** `relList.supports('ar')` of a link: Safari on iOS and iPadOS, and browsers that build on it. */
  readonly quickLook: boolean
  readonly userAgent: string
}

export interface ArLink {
  readonly rel: 'ar' | undefined
  readonly href: string
}

/** The scene's file where there is one, so that several objects stand together; else the first object's. */
function fileOf(result: Pick<ShownResult, 'objects' | 'scene'>, format: 'usdz' | 'glb'): ResultFile | null {
  const lists = [result.scene?.files ?? [], ...result.objects.map((each) => each.files)]
  for (const files of lists) {
    const file = files.find((each) => each.format === format)
    if (file) return file
  }
  return null
}

/**
 * An intent for Scene Viewer, which fetches the file itself and so needs https. `fallbackUrl`: opened where it is not
 * installed. Parameters: developers.google.com/ar/develop/scene-viewer.
 */
export function sceneViewerIntent(fileUrl: string, title: string, fallbackUrl: string): string {
  const query = new URLSearchParams({ file: fileUrl, mode: 'ar_preferred', title })
  const parts = [
    `intent://arvr.google.com/scene-viewer/1.0?${query}#Intent`,
    'scheme=https',
    'package=com.google.android.googlequicksearchbox',
    'action=android.intent.action.VIEW',
    `S.browser_fallback_url=${encodeURIComponent(fallbackUrl)}`,
  ]
  return `${parts.join(';')};end;`
}

/** The link for this device, or null where it has no such viewer or the result no file for it. */
export function arLink(
  result: Pick<ShownResult, 'objects' | 'scene'>,
  title: string,
  device: ArDevice,
  pageUrl: string,
): ArLink | null {
  if (device.quickLook) {
    const file = fileOf(result, 'usdz')
    // Objects are as large as they are assumed to be: nobody should scale them by chance.
    return file && { rel: 'ar', href: `${file.url}#allowsContentScaling=0` }
  }
  const file = /android/i.test(device.userAgent) ? fileOf(result, 'glb') : null
  if (!file?.url.startsWith('https:')) return null
  return { rel: undefined, href: sceneViewerIntent(file.url, title, pageUrl) }
}

/** Asks this browser. */
export function readArDevice(): ArDevice {
  const { relList } = document.createElement('a')
  return { quickLook: relList.supports?.('ar') ?? false, userAgent: navigator.userAgent }
}
