/** The tables of the JPEG standard (ITU-T T.81, annex K), which every baseline decoder reads. */

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16),
  )
}

/** Quantisation steps at quality 50, in zigzag order. */
export const LUMA_STEPS = fromHex(
  '100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457453738506d5157' +
    '5f626768673e4d71797064785c656763',
)
export const CHROMA_STEPS = fromHex(
  '1112121815182f1a1a2f6342384263636363636363636363636363636363636363636363636363636363636363636363' +
    '63636363636363636363636363636363',
)

/** Huffman tables as a DHT segment stores them: 16 counts of codes by length, then the symbols. */
export const LUMA_DC = fromHex('00010501010101010100000000000000000102030405060708090a0b')
export const LUMA_AC = fromHex(
  '0002010303020403050504040000017d01020300041105122131410613516107227114328191a1082342b1c11552d1f0' +
    '2433627282090a161718191a25262728292a3435363738393a434445464748494a535455565758595a63646566676869' +
    '6a737475767778797a838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5' +
    'c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
)
export const CHROMA_DC = fromHex('00030101010101010101010000000000000102030405060708090a0b')
export const CHROMA_AC = fromHex(
  '00020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c109233352f0' +
    '156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a636465666768' +
    '696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3' +
    'c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
)

/** Zigzag position to index in an 8 x 8 block in row order. */
export const ZIGZAG = Uint8Array.of(
  0,
  1,
  8,
  16,
  9,
  2,
  3,
  10,
  17,
  24,
  32,
  25,
  18,
  11,
  4,
  5,
  12,
  19,
  26,
  33,
  40,
  48,
  41,
  34,
  27,
  20,
  13,
  6,
  7,
  14,
  21,
  28,
  35,
  42,
  49,
  56,
  57,
  50,
  43,
  36,
  29,
  22,
  15,
  23,
  30,
  37,
  44,
  51,
  58,
  59,
  52,
  45,
  38,
  31,
  39,
  46,
  53,
  60,
  61,
  54,
  47,
  55,
  62,
  63,
)
