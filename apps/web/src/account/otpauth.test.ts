import { encode } from 'uqr'
import { expect, it } from 'vitest'
import { cellsPath, inGroups, otpauthAddress } from './otpauth.ts'

it('names account, secret and issuer in the address that apps read', () => {
  const address = new URL(otpauthAddress('Gen3D', 'ann+1@example.com', 'GEZDGNBVGY3TQOJQ'))
  expect(address.protocol).toBe('otpauth:')
  expect(decodeURIComponent(address.pathname)).toBe('/Gen3D:ann+1@example.com')
  expect(Object.fromEntries(address.searchParams)).toEqual({ secret: 'GEZDGNBVGY3TQOJQ', issuer: 'Gen3D' })
})

it('writes a secret in groups of four', () => {
  expect(inGroups('ABCDEFGHIJ')).toBe('ABCD EFGH IJ')
})

it('draws every dark cell once, and no other', () => {
  expect(
    cellsPath([
      [true, false],
      [false, true],
    ]),
  ).toBe('M0 0h1v1h-1zM1 1h1v1h-1z')
  const { data } = encode('otpauth://totp/x')
  const dark = data.flat().filter(Boolean).length
  expect(cellsPath(data).match(/M/g)).toHaveLength(dark)
})
