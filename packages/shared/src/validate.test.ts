import { describe, expect, it } from 'vitest'
import { CreateUploadRequest, ReconstructRequest } from './api.ts'
import { checkRequest } from './validate.ts'

const session_id = '01KKPQ2V4B8H0ZJ3M5N6P7Q8R9'
const upload = { file_name: 'a.png', content_type: 'image/png', size_bytes: 1 }

describe('checkRequest', () => {
  it('returns what fits', () => {
    expect(checkRequest(CreateUploadRequest, upload)).toBe(upload)
  })

  it.each([
    [CreateUploadRequest, null, 'body'],
    [CreateUploadRequest, [], 'body'],
    [CreateUploadRequest, { ...upload, file_name: undefined }, 'file_name'],
    [CreateUploadRequest, { ...upload, file_name: '' }, 'file_name'],
    [CreateUploadRequest, { ...upload, content_type: 'text/plain' }, 'content_type'],
    [CreateUploadRequest, { ...upload, size_bytes: '1' }, 'size_bytes'],
    [CreateUploadRequest, { ...upload, size_bytes: 1.5 }, 'size_bytes'],
    [CreateUploadRequest, { ...upload, size_bytes: 21 * 1024 * 1024 }, 'size_bytes'],
    [CreateUploadRequest, { ...upload, extra: 1 }, 'extra'],
    [ReconstructRequest, { session_id }, 'masks'],
    [ReconstructRequest, { session_id, masks: [] }, 'masks'],
    [ReconstructRequest, { session_id: 'x', masks: [{ png_base64: 'AAAA' }] }, 'session_id'],
    [ReconstructRequest, { session_id, masks: [{ png_base64: 'AAAA' }, {}] }, 'masks.1.png_base64'],
    [ReconstructRequest, { session_id, masks: [{ png_base64: '' }] }, 'masks.0.png_base64'],
    [ReconstructRequest, { session_id, masks: [{ png_base64: 'AAAA', x: 1 }] }, 'masks.0.x'],
    [
      ReconstructRequest,
      { session_id, masks: [{ png_base64: 'AAAA' }], options: { quality: 'best' } },
      'options.quality',
    ],
    [
      ReconstructRequest,
      { session_id, masks: [{ png_base64: 'AAAA' }], options: { formats: ['ply', 'ply'] } },
      'options.formats',
    ],
  ])('names the field at fault (%#)', (schema, value, field) => {
    const refusal = (() => {
      try {
        return checkRequest(schema, value)
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toMatchObject({ code: 'invalid_request', field })
  })
})
