import type { Commands } from './run-command.ts'

export const COMMANDS: Commands = {
  make: async () => (await import('./make.ts')).make,
  select: async () => (await import('./select-by-words.ts')).selectByWords,
  submit: async () => (await import('./submit.ts')).submit,
  status: async () => (await import('./jobs.ts')).status,
  download: async () => (await import('./jobs.ts')).download,
  cancel: async () => (await import('./jobs.ts')).cancel,
  retry: async () => (await import('./jobs.ts')).retry,
  sessions: async () => (await import('./sessions.ts')).sessions,
  rename: async () => (await import('./sessions.ts')).rename,
  share: async () => (await import('./share.ts')).share,
  unshare: async () => (await import('./share.ts')).unshare,
  export: async () => (await import('./export.ts')).exportAll,
  delete: async () => (await import('./sessions.ts')).remove,
  login: async () => (await import('./login.ts')).login,
  logout: async () => (await import('./login.ts')).logout,
  admin: async () => (await import('./admin/admin.ts')).admin,
  engine: async () => (await import('./engine-lines.ts')).engine,
}
