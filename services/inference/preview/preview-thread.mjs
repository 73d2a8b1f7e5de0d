// Worker threads do not take over tsx from their process: it is registered here, before the first TypeScript file.
import { register } from 'tsx/esm/api'

register()
await import('./preview-thread.ts')
