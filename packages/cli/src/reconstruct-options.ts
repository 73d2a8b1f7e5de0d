import type { ReconstructRequest } from '@gen3d/shared/api'
import { QUALITIES } from '@gen3d/shared/formats'
import { MAX_TRIANGLES, MIN_TRIANGLES, TEXTURE_SIZES } from '@gen3d/shared/limits'
import { DEFAULT_QUALITY, DEFAULT_SEED } from '@gen3d/shared/reconstruct-defaults'
import { type Arguments, integerOption, type Options } from './arguments.ts'
import { usageError } from './errors.ts'

type ReconstructOptions = NonNullable<ReconstructRequest['options']>

/** Largest seed that the contract takes. */
const MAX_SEED = 2 ** 31 - 1

export const RECONSTRUCT_OPTIONS = {
  quality: { value: QUALITIES.join('|'), help: `How fine the result is (default ${DEFAULT_QUALITY}).` },
  seed: { value: 'N', help: `The same seed and masks give the same bytes (default ${DEFAULT_SEED}).` },
  'texture-size': {
    value: TEXTURE_SIZES.join('|'),
    help: 'Side of the mesh’s texture, pixels (default: by quality).',
  },
  triangles: {
    value: 'N',
    help: `Triangles of the mesh, ${MIN_TRIANGLES} to ${MAX_TRIANGLES} (default: by quality).`,
  },
} as const satisfies Options

/** The contract's options as far as they were given; throws a usage error that names the option at fault. */
export function toReconstructOptions(args: Arguments): Omit<ReconstructOptions, 'formats'> {
  const quality = oneOf(args, 'quality', QUALITIES)
  const seed = integerOption(args, 'seed', { min: 0, max: MAX_SEED })
  const textureSize = oneOf(args, 'texture-size', TEXTURE_SIZES)
  const triangles = integerOption(args, 'triangles', { min: MIN_TRIANGLES, max: MAX_TRIANGLES })
  return {
    ...(quality !== undefined && { quality }),
    ...(seed !== undefined && { seed }),
    ...(textureSize !== undefined && { texture_size: textureSize }),
    ...(triangles !== undefined && { target_triangles: triangles }),
  }
}

function oneOf<const T extends string | number>(
  args: Arguments,
  name: string,
  values: readonly T[],
): T | undefined {
  const text = args.get(name)
  if (text === undefined) return undefined
  const value = values.find((known) => String(known) === text)
  if (value === undefined) throw usageError(`--${name} is one of ${values.join(', ')}, not "${text}".`)
  return value
}
