/** The browser's own notifications: only in a secure context, only where the person allowed them. */

/** `unavailable`: on plain http, and in browsers that have none. */
export type NoticePermission = 'unavailable' | 'ask' | 'granted' | 'denied'

export interface NoticePlace {
  readonly isSecureContext: boolean
  readonly Notification?: { readonly permission: NotificationPermission }
}

export function noticePermission(place: NoticePlace = globalThis): NoticePermission {
  if (!place.isSecureContext || !place.Notification) return 'unavailable'
  const { permission } = place.Notification
  return permission === 'default' ? 'ask' : permission
}

/** Asks the person, which a browser allows only after a click. */
export async function askForNotices(): Promise<NoticePermission> {
  await Notification.requestPermission()
  return noticePermission()
}

/** Tells the end to whoever looks elsewhere; does nothing where that is not allowed. */
export function giveNotice(title: string, body: string, tag: string): void {
  if (!document.hidden || noticePermission() !== 'granted') return
  try {
    const notice = new Notification(title, { body, tag })
    notice.onclick = () => {
      focus()
      notice.close()
    }
  } catch {
    // Chrome on Android shows them only from a service worker, which this page has none of.
  }
}
