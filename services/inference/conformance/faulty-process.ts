/** The preview engine's process around an engine that breaks when it is told to: for the conformance suite alone. */
import { runEngineProcess } from '../preview/engine-process.ts'

void runEngineProcess(new URL('./faulty-thread.mjs', import.meta.url))
