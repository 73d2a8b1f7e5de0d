/** How alike regions are in colour to the regions just outside a box, in vectors of WebAssembly. */
import { spreadWords, WORDS } from './colour-words.ts'
import { COLOUR_LANES } from './generated/colour-lanes.ts'
import { align, reserve, type VectorProgram, vectorProgram } from './vectors.ts'

/** What colour-lanes.wat exports; its parameters are described there. */
interface Program extends VectorProgram {
  mostAlike(row: number, rowsEnd: number, others: number, stride: number, out: number): void
}

/** Columns that the program takes at once. */
const AT_ONCE = 16
const findProgram = vectorProgram<Program>(COLOUR_LANES)

/**
 * Largest Hellinger affinity of each of `regions` with any of `others`, into `out` in the order of `regions`; false, and
 * nothing done, where there are no vectors. `roots`: roots of the shares of WORDS colours by region.
 */
export function mostAlikeLanes(
  roots: Float32Array,
  regions: ArrayLike<number>,
  others: ArrayLike<number>,
  out: Float64Array,
): boolean {
  const program = findProgram()
  if (!program) return false
  if (others.length === 0) {
    out.fill(0, 0, regions.length)
    return true
  }
  const columns = Math.ceil(others.length / AT_ONCE) * AT_ONCE
  const shares = align(8 * WORDS * columns)
  const rows = shares + 4 * roots.length
  const answers = align(rows + 4 * regions.length)
  reserve(program, answers + 8 * regions.length)
  const { buffer } = program.memory
  const spread = new Float64Array(buffer, 0, WORDS * columns).fill(0)
  spreadWords(roots, others, columns, spread)
  new Float32Array(buffer, shares, roots.length).set(roots)
  const row = new Int32Array(buffer, rows, regions.length)
  for (let i = 0; i < row.length; i++) row[i] = shares + 4 * WORDS * regions[i]
  program.mostAlike(rows, rows + 4 * row.length, 0, 8 * columns, answers)
  out.set(new Float64Array(buffer, answers, regions.length))
  return true
}
