import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { notImplemented } from './s3-error.ts'

/** A running checksum over the bytes of a body. */
export interface RunningChecksum {
  update(bytes: Uint8Array): void
  /** Base64, as S3 writes it in `x-amz-checksum-…`. */
  value(): string
}

/** The checksum algorithms of S3 that this server computes; their names as in the `x-amz-checksum-` headers. */
export const CHECKSUM_ALGORITHMS = ['crc32', 'crc32c', 'sha1', 'sha256'] as const
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number]

/** Reads an algorithm's name in any case; throws `NotImplemented` for the ones that S3 alone has (CRC64NVME). */
export function checksumAlgorithm(name: string): ChecksumAlgorithm {
  const found = CHECKSUM_ALGORITHMS.find((known) => known === name.toLowerCase())
  if (!found) throw notImplemented(`the checksum ${name}`)
  return found
}

/** Begins a checksum. */
export function startChecksum(algorithm: ChecksumAlgorithm): RunningChecksum {
  if (algorithm === 'sha1' || algorithm === 'sha256') {
    const hash = createHash(algorithm)
    return { update: (bytes) => void hash.update(bytes), value: () => hash.digest('base64') }
  }
  const next = algorithm === 'crc32' ? (bytes: Uint8Array, crc: number) => crc32(bytes, crc) : crc32c
  let crc = 0
  return {
    update(bytes) {
      crc = next(bytes, crc)
    },
    value() {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(crc >>> 0)
      return bytes.toString('base64')
    },
  }
}

// CRC-32C (Castagnoli), reflected polynomial 0x82f63b78, RFC 3720 appendix B.4; Node has no built-in.
const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

function crc32c(bytes: Uint8Array, previous: number): number {
  let crc = ~previous
  for (const byte of bytes) crc = (crc >>> 8) ^ TABLE[(crc ^ byte) & 0xff]
  return ~crc
}
