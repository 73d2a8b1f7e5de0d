/** Programs of WebAssembly with vectors: where they run they are faster, and give the same numbers to the bit. */

/** The few names of WebAssembly that are used here: Node's types do not declare them. */
interface WasmHost {
  readonly WebAssembly?: {
    validate(bytes: Uint8Array): boolean
    readonly Module: new (bytes: Uint8Array) => object
    readonly Instance: new (module: object) => { readonly exports: object }
  }
}

/** What every one of them exports beside its function; the function's parameters are described in its source. */
export interface VectorProgram {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
}

const PAGE = 65536

/** Makes a program of its base64, once; null where there are no vectors (Safari before 16.4). */
export function vectorProgram<T extends VectorProgram>(packed: string): () => T | null {
  let program: T | null | undefined
  return () => {
    if (program === undefined) {
      const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0))
      const { WebAssembly: wasm } = globalThis as WasmHost
      program = wasm?.validate(bytes) ? (new wasm.Instance(new wasm.Module(bytes)).exports as T) : null
    }
    return program
  }
}

/** Makes the memory at least so large; arrays on it from before are empty afterwards. */
export function reserve({ memory }: VectorProgram, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE))
}

/** Vectors begin at multiples of 16 bytes. */
export function align(bytes: number): number {
  return Math.ceil(bytes / 16) * 16
}
