/** Trains one forest in a process of its own: takes {table, options}, answers with the forest's bytes. */
import { type BoostOptions, boost, type Table } from './boost.ts'

process.once('message', ({ table, options }: { table: Table; options: BoostOptions }) => {
  process.send?.(boost(table, options), () => process.disconnect())
})
