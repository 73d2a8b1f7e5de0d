/** Uploads a photo with the form that `createUpload` gave, straight to the bucket. */
import { NetworkError } from './errors.ts'

export interface UploadForm {
  readonly url: string
  readonly fields: Record<string, string>
}

export interface UploadOptions {
  readonly signal?: AbortSignal
  /** Part that has left this machine, 0-1. */
  readonly onProgress?: (fraction: number) => void
}

/** The bucket refused the form: it expired, or the file is not the one that was announced. A new session helps. */
export class UploadRefused extends Error {
  override readonly name = 'UploadRefused'
  readonly status: number

  constructor(status: number) {
    super(`The upload was refused (${status}). Its form may have expired: start again.`)
    this.status = status
  }
}

function toFormData(form: UploadForm, photo: Blob): FormData {
  const data = new FormData()
  for (const [name, value] of Object.entries(form.fields)) data.append(name, value)
  // S3 ignores every field after the file.
  data.append('file', photo)
  return data
}

/** fetch reports no upload progress; only XMLHttpRequest does, and only a browser has it. */
function sendWithProgress(form: UploadForm, data: FormData, options: UploadOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    options.signal?.addEventListener('abort', abort)
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) options.onProgress?.(event.loaded / event.total)
    }
    request.onload = () => resolve(request.status)
    request.onerror = () => reject(new NetworkError('The connection broke during the upload.'))
    request.onabort = () => reject(options.signal?.reason ?? new DOMException('Aborted', 'AbortError'))
    request.onloadend = () => options.signal?.removeEventListener('abort', abort)
    request.open('POST', form.url)
    request.send(data)
  })
}

async function sendWithFetch(form: UploadForm, data: FormData, options: UploadOptions): Promise<number> {
  try {
    return (
      await fetch(form.url, {
        method: 'POST',
        body: data,
        signal: options.signal,
      })
    ).status
  } catch (cause) {
    if (options.signal?.aborted) throw cause
    throw new NetworkError('The connection broke during the upload.', {
      cause,
    })
  }
}

/** Resolves when the bucket has the photo. Throws UploadRefused, NetworkError, or the signal's reason. */
export async function uploadPhoto(form: UploadForm, photo: Blob, options: UploadOptions = {}): Promise<void> {
  options.signal?.throwIfAborted()
  const send = typeof XMLHttpRequest === 'undefined' ? sendWithFetch : sendWithProgress
  const status = await send(form, toFormData(form, photo), options)
  if (status < 200 || status >= 300) throw new UploadRefused(status)
  options.onProgress?.(1)
}
