import type { ExportPage } from '@gen3d/shared/api'
import { Gen3dError } from '@gen3d/shared/errors'
import { isInternalKey, userPrefix } from '@gen3d/shared/keys'
import { DOWNLOAD_URL_SECONDS, EXPORT_PAGE_FILES } from '@gen3d/shared/limits'
import type { Caller, World } from './world.ts'

/**
 * The caller's photos, masks, results and records in the bucket, page by page in the order of their paths. A cursor is
 * the last path: whatever it says, only keys under the caller's own prefix are listed. Throws `invalid_request`.
 */
export async function exportFiles(
  { objects }: Pick<World, 'objects'>,
  caller: Caller,
  query: { cursor?: string },
): Promise<ExportPage> {
  const prefix = userPrefix(caller.sub)
  const after = query.cursor === undefined ? undefined : prefix + readCursor(query.cursor)
  const found: { path: string; sizeBytes: number }[] = []
  for await (const { key, sizeBytes } of objects.list(prefix, { after })) {
    if (!isInternalKey(key)) found.push({ path: key.slice(prefix.length), sizeBytes })
    // One more than a page tells whether there is a next.
    if (found.length > EXPORT_PAGE_FILES) break
  }
  const page = found.slice(0, EXPORT_PAGE_FILES)
  const sign = (path: string) => objects.presignGet(prefix + path, { expiresSeconds: DOWNLOAD_URL_SECONDS })
  const files = page.map(async ({ path, sizeBytes }) => ({
    path,
    url: await sign(path),
    size_bytes: sizeBytes,
  }))
  return {
    files: await Promise.all(files),
    next_cursor: found.length > page.length ? writeCursor(page[page.length - 1].path) : null,
  }
}

function writeCursor(path: string): string {
  return Buffer.from(path).toString('base64url')
}

function readCursor(cursor: string): string {
  const path = Buffer.from(cursor, 'base64url').toString()
  // S3 takes keys of at most 1024 bytes.
  if (path !== '' && cursor.length <= 1024 && writeCursor(path) === cursor) return path
  const message = 'cursor is not one that this list returned. Leave it out for the first page.'
  throw new Gen3dError('invalid_request', message, { field: 'cursor' })
}
