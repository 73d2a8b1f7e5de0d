import { describe, expect, it } from 'vitest'
import { noticePermission } from './notice.ts'

describe('notifications', () => {
  it('are left out on plain http and where the browser has none', () => {
    const asked = { permission: 'granted' } as const
    expect(noticePermission({ isSecureContext: false, Notification: asked })).toBe('unavailable')
    expect(noticePermission({ isSecureContext: true })).toBe('unavailable')
  })

  it.each([
    ['default', 'ask'],
    ['granted', 'granted'],
    ['denied', 'denied'],
  ] as const)('are %s to the browser, so the page will %s', (permission, wanted) => {
    expect(noticePermission({ isSecureContext: true, Notification: { permission } })).toBe(wanted)
  })
})
