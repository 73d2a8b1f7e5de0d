/** What the contract takes, in one place. Deploy-time limits (jobs a day, GPU seconds) are parameters, not facts. */
export const MAX_UPLOAD_BYTES = 20 * 1024 * 1024
/** Pixels. */
export const MAX_SIDE = 8192
export const MAX_PIXELS = 40_000_000
/** Of a request to the API, as sent. */
export const MAX_BODY_BYTES = 4_000_000
export const MAX_OBJECTS = 8
export const MAX_NAME_LENGTH = 120
/** Characters of the words that an object is found by. */
export const MAX_TEXT_LENGTH = 200
/** Of one search by words: the likeliest ones. */
export const MAX_CANDIDATES = 8
export const UPLOAD_URL_SECONDS = 15 * 60
export const DOWNLOAD_URL_SECONDS = 15 * 60
export const TEXTURE_SIZES = [512, 1024, 2048, 4096] as const
export const MIN_TRIANGLES = 500
export const MAX_TRIANGLES = 300_000
export const MAX_SESSIONS_PER_PAGE = 50
/** Of a share link. */
export const DEFAULT_SHARE_DAYS = 7
export const MAX_SHARE_DAYS = 30
export const EXPORT_PAGE_FILES = 200
/** Rows of jobs; objects live 365 days by the bucket's lifecycle rule. */
export const JOB_ROW_DAYS = 7
export const SESSION_ROW_DAYS = 365
