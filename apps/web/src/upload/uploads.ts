/**
 * Uploads that are under way. They belong to no screen: whoever looks at other things meanwhile loses nothing. The
 * photo is kept in the browser until the bucket has it, so that a reload or a lost connection can try again.
 */
import type { Client } from '@gen3d/client/client'
import { ApiError, NetworkError } from '@gen3d/client/errors'
import { type UploadForm, UploadRefused, uploadPhoto } from '@gen3d/client/upload'
import { type Signal, signal } from '@preact/signals'
import type { Keep } from '../keep.ts'
import type { CheckedPhoto } from './check-photo.ts'

export type UploadState =
  | { readonly kind: 'sending'; readonly fraction: number }
  /** The bucket has it; the API is looking at it and queues the embedding. */
  | { readonly kind: 'checking' }
  | { readonly kind: 'done'; readonly embedJobId: string }
  /** `fresh`: the form is worth nothing any more, a new session is needed. */
  | { readonly kind: 'failed'; readonly error: Error; readonly needs: 'again' | 'fresh' | 'other_photo' }
  | { readonly kind: 'cancelled' }

interface Pending {
  readonly photo: CheckedPhoto
  readonly form: UploadForm
  readonly expiresAt: string
}

export interface Upload {
  readonly sessionId: string
  readonly photo: CheckedPhoto
  readonly state: Signal<UploadState>
  cancel(): void
  again(): void
}

export type Uploads = ReturnType<typeof createUploads>

/** Which way out a failed upload has. */
export function wayOut(error: unknown): 'again' | 'fresh' | 'other_photo' {
  if (error instanceof UploadRefused) return 'fresh'
  if (error instanceof ApiError && (error.code === 'invalid_photo' || error.code === 'photo_replaced'))
    return 'other_photo'
  if (error instanceof ApiError && error.code === 'not_found') return 'fresh'
  return 'again'
}

/** `send` is how a photo reaches the bucket; tests bring their own. */
export function createUploads(
  client: Pick<Client, 'createUpload' | 'initialize'>,
  keep: Keep,
  send: typeof uploadPhoto = uploadPhoto,
) {
  const running = new Map<string, Upload>()

  function run(sessionId: string, pending: Pending): Upload {
    const state = signal<UploadState>({ kind: 'sending', fraction: 0 })
    let abort = new AbortController()
    let sent = false

    async function attempt(): Promise<void> {
      abort = new AbortController()
      const { signal: stop } = abort
      state.value = sent ? { kind: 'checking' } : { kind: 'sending', fraction: 0 }
      // A full disk must not stop the upload: it only could not survive a reload.
      await keep.write('photos', sessionId, pending).catch(() => undefined)
      try {
        if (!sent) {
          if (Date.parse(pending.expiresAt) < Date.now()) throw new UploadRefused(403)
          const blob = new Blob([pending.photo.bytes], { type: pending.photo.contentType })
          await send(pending.form, blob, {
            signal: stop,
            onProgress: (fraction) => {
              state.value = { kind: 'sending', fraction }
            },
          })
          sent = true
        }
        state.value = { kind: 'checking' }
        const job = await client.initialize(
          { session_id: sessionId },
          { idempotencyKey: `initialize-${sessionId}`, signal: stop },
        )
        await keep.remove('photos', sessionId).catch(() => undefined)
        state.value = { kind: 'done', embedJobId: job.job_id }
      } catch (error) {
        const needs = wayOut(error)
        state.value = stop.aborted ? { kind: 'cancelled' } : { kind: 'failed', error: error as Error, needs }
        // Whatever a new try may help with has to be there after a reload too.
        if (stop.aborted || needs === 'other_photo')
          await keep.remove('photos', sessionId).catch(() => undefined)
      }
    }

    const upload: Upload = {
      sessionId,
      photo: pending.photo,
      state,
      cancel: () => abort.abort(new DOMException('Cancelled', 'AbortError')),
      again: () => void attempt(),
    }
    running.set(sessionId, upload)
    void attempt()
    return upload
  }

  return {
    /** Opens a session for a photo and starts to send it; resolves with the upload as soon as the session has its id. */
    async start(photo: CheckedPhoto): Promise<Upload> {
      const opened = await client.createUpload({
        file_name: photo.name.slice(-255),
        content_type: photo.contentType,
        size_bytes: photo.bytes.length,
      })
      return run(opened.session_id, { photo, form: opened.upload, expiresAt: opened.expires_at })
    },
    /** The upload of a session: running in this tab, or left behind by a reload and taken up again. */
    async find(sessionId: string): Promise<Upload | null> {
      const known = running.get(sessionId)
      if (known) return known
      const pending = await keep.read<Pending>('photos', sessionId).catch(() => undefined)
      return pending ? run(sessionId, pending) : null
    },
    /** The connection is back: what it broke goes on by itself. */
    resume(): void {
      for (const { state, again } of running.values()) {
        const now = state.value
        if (now.kind === 'failed' && now.error instanceof NetworkError) again()
      }
    },
    async forget(sessionId: string): Promise<void> {
      running.get(sessionId)?.cancel()
      running.delete(sessionId)
      await keep.remove('photos', sessionId).catch(() => undefined)
    },
  }
}
