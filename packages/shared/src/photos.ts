/** The photo types that the contract takes, and the ending under which each is stored. */
export const PHOTO_TYPES = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
} as const
export type PhotoContentType = keyof typeof PHOTO_TYPES
export type PhotoExtension = (typeof PHOTO_TYPES)[PhotoContentType]
export const PHOTO_CONTENT_TYPES = Object.keys(PHOTO_TYPES) as [PhotoContentType, ...PhotoContentType[]]
