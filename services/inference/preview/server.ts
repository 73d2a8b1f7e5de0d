/** The embedded engine as a container: `node --import tsx services/inference/preview/server.ts`. */
import { runEngineProcess } from './engine-process.ts'

void runEngineProcess(new URL('./preview-thread.mjs', import.meta.url))
