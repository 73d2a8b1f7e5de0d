import type { World } from './world.ts'

/** S3 deletes at most 1000 keys a call. */
const BATCH = 1000

/** Deletes every object under a prefix, but for those whose path below it is named in `keep`. */
export async function deletePrefix(
  { objects }: Pick<World, 'objects'>,
  prefix: string,
  keep: readonly string[] = [],
): Promise<void> {
  let keys: string[] = []
  for await (const { key } of objects.list(prefix)) {
    if (keep.includes(key.slice(prefix.length))) continue
    keys.push(key)
    if (keys.length === BATCH) {
      await objects.delete(keys)
      keys = []
    }
  }
  if (keys.length > 0) await objects.delete(keys)
}
