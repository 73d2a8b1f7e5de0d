/** The part of Khronos' validator that tests use; the package has no types of its own. */
declare module 'gltf-validator' {
  export function validateBytes(bytes: Uint8Array): Promise<{
    readonly issues: {
      readonly numErrors: number
      readonly messages: readonly { readonly code: string; readonly message: string }[]
    }
  }>
}
