import { register } from 'tsx/esm/api'

register()
await import('./faulty-thread.ts')
