/**
 * Stands in for @aws/lambda-invoke-store in Lambda bundles (2 kB), which keeps calls apart that one process serves at the
 * same time. Ours serve one at a time: their trace id stands in the environment, where the SDK looks next.
 */
export const InvokeStore = { getInstanceAsync: async () => undefined }
