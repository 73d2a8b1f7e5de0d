import { describe, expect, it } from 'vitest'
import { findAddress, nameOf, readAddress } from './address.ts'
import { PhotoRefused } from './photo-refused.ts'

describe('a photo by its address', () => {
  it.each([
    [
      '# from a page\r\nhttps://example.test/a%20duck.jpg\r\n',
      'https://example.test/a%20duck.jpg',
      'a duck.jpg',
    ],
    ['https://example.test/', 'https://example.test/', ''],
    ['data:image/png;base64,AAEC', 'data:image/png;base64,AAEC', ''],
  ])('%j is found and named', (text, href, name) => {
    const address = findAddress(text)
    expect(address?.href).toBe(href)
    expect(address && nameOf(address)).toBe(name)
  })

  it.each(['just words', 'javascript:alert(1)', 'file:///etc/passwd', 'https://', ''])(
    'there is none in %j',
    (text) => {
      expect(findAddress(text)).toBeNull()
    },
  )

  it('is read from a data address without asking anybody', async () => {
    const read = await readAddress(new URL('data:image/png;base64,AAEC'))
    expect([...read.bytes]).toEqual([0, 1, 2])
    await expect(readAddress(new URL('data:text/plain,hello'))).rejects.toThrow(PhotoRefused)
  })
})
