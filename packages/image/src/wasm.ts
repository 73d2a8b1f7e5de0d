import { unzlibSync } from 'fflate'
import { decoderUnavailable } from './errors.ts'

/** The few names of WebAssembly that are used here: Node's types do not declare them. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<WasmModule>
  instantiate(module: WasmModule, imports: WasmImports): Promise<{ readonly exports: object }>
}
interface WasmModule {
  readonly brand?: 'module'
}
type WasmImports = Record<string, Record<string, (...values: number[]) => number>>

/** What every decoder of ours exports: C's allocator, and the memory that its pointers (byte offsets) point into. */
export interface WasmExports {
  readonly memory: { readonly buffer: ArrayBuffer }
  malloc(sizeBytes: number): number
  free(pointer: number): void
}

/**
 * Compiles a module once and makes a fresh instance per call: no picture sees what a broken one before it left in
 * memory, and the memory goes back when the instance does. `packed`: the module, zlib, base64.
 */
export function wasmFactory<T extends WasmExports>(packed: string, imports: WasmImports): () => Promise<T> {
  let module: Promise<WasmModule> | null = null
  return async () => {
    module ??= compile(packed)
    try {
      const instance = await WebAssembly.instantiate(await module, imports)
      return instance.exports as T
    } catch (cause) {
      throw decoderUnavailable(cause)
    }
  }
}

async function compile(packed: string): Promise<WasmModule> {
  return WebAssembly.compile(unzlibSync(Uint8Array.from(atob(packed), (char) => char.charCodeAt(0))))
}

/** A C call of the outer world (files, environment, exit): a decoder makes none unless it fails. */
export function noSystemCall(): never {
  throw new Error('the decoder stopped')
}

/** Copies bytes into the instance's memory and gives their pointer; throws RangeError when there is no memory left. */
export function place(wasm: WasmExports, bytes: Uint8Array): number {
  const pointer = allocate(wasm, bytes.length)
  new Uint8Array(wasm.memory.buffer, pointer, bytes.length).set(bytes)
  return pointer
}

/** `sizeBytes` of the instance's memory; throws RangeError when there is none left. */
export function allocate(wasm: WasmExports, sizeBytes: number): number {
  const pointer = wasm.malloc(sizeBytes)
  if (pointer === 0) throw new RangeError(`no memory for ${sizeBytes} bytes`)
  return pointer >>> 0
}
