import { MAX_NAME_LENGTH, MAX_OBJECTS } from '@gen3d/shared/limits'
import type { BoxPrompt, PointPrompt } from '@gen3d/shared/prompts'
import type { Given, Options } from './arguments.ts'
import { usageError } from './errors.ts'

/** How one object is selected: by clicks and a box, or by a ready mask. */
export interface Selection {
  /** Null: nobody named it. */
  readonly name: string | null
  readonly points: readonly PointPrompt[]
  readonly box: BoxPrompt | null
  readonly maskFile: string | null
}

export const SELECTION_OPTIONS = {
  click: {
    value: 'X,Y',
    multiple: true,
    help: 'A pixel inside the object; with a minus before the pair (-X,Y) a pixel outside it.',
  },
  box: { value: 'X0,Y0,X1,Y1', multiple: true, help: 'A box around the object, both corners included.' },
  mask: {
    value: 'FILE.png',
    multiple: true,
    help: 'A ready mask of the photo’s size: white is the object. Several masks: several objects.',
  },
  object: {
    value: 'NAME',
    multiple: true,
    help: 'Starts an object: the clicks, the box or the mask after it are its own.',
  },
} as const satisfies Options

interface Draft {
  name: string | null
  points: PointPrompt[]
  box: BoxPrompt | null
  maskFile: string | null
}

/**
 * The objects that the options describe, in their order. Without --object, clicks and a box select one object and
 * each mask is an object of its own. Throws a usage error that says what is missing.
 */
export function toSelections(given: readonly Given[]): Selection[] {
  const objects: Draft[] = []
  let open: Draft | null = null
  const begin = (name: string | null): Draft => {
    const draft: Draft = { name, points: [], box: null, maskFile: null }
    objects.push(draft)
    return draft
  }
  for (const { name, value } of given) {
    if (name === 'object') open = begin(toName(value, objects))
    else if (name === 'mask') {
      const named = open?.name != null
      if (named && open?.maskFile != null)
        throw usageError(`Object "${open.name}" has two masks; give it one.`)
      if (named && open) open.maskFile = value
      else begin(null).maskFile = value
    } else if (name === 'click' || name === 'box') {
      open ??= begin(null)
      if (name === 'click') open.points.push(toPoint(value))
      else if (open.box) throw usageError('An object has one box. Start the next object with --object NAME.')
      else open.box = toBox(value)
    }
  }
  if (objects.length === 0) {
    throw usageError('Say which object: --click X,Y on it, --box X0,Y0,X1,Y1 around it, or --mask FILE.png.')
  }
  if (objects.length > MAX_OBJECTS) throw usageError(`At most ${MAX_OBJECTS} objects are made at a time.`)
  for (const object of objects) checkComplete(object)
  return objects
}

function checkComplete(object: Draft): void {
  const called = object.name === null ? 'the object' : `object "${object.name}"`
  const prompted = object.points.length > 0 || object.box !== null
  if (object.maskFile !== null && prompted) {
    throw usageError(`Give ${called} either a mask, or clicks and a box.`)
  }
  if (object.maskFile === null && object.box === null && !object.points.some(({ label }) => label === 1)) {
    throw usageError(
      `Give ${called} a click inside it (--click X,Y) or a box; clicks outside alone say nothing.`,
    )
  }
}

function toName(text: string, objects: readonly Draft[]): string {
  const name = text.trim()
  if (name === '' || name.length > MAX_NAME_LENGTH) {
    throw usageError(`An object’s name has 1 to ${MAX_NAME_LENGTH} characters.`)
  }
  if (objects.some((other) => other.name === name)) throw usageError(`Two objects are called "${name}".`)
  return name
}

/** `X,Y` or, outside the object, `-X,Y`: whole pixel indices from the photo's top left corner. */
function toPoint(text: string): PointPrompt {
  const match = /^(-?)(\d{1,6}),(\d{1,6})$/.exec(text.replaceAll(' ', ''))
  if (!match) throw usageError(`--click takes two whole numbers such as 400,300 or -120,80, not "${text}".`)
  return { x: Number(match[2]), y: Number(match[3]), label: match[1] ? 0 : 1 }
}

/** Corners in any order; the answer has the smaller ones first. */
function toBox(text: string): BoxPrompt {
  const match = /^(\d{1,6}),(\d{1,6}),(\d{1,6}),(\d{1,6})$/.exec(text.replaceAll(' ', ''))
  if (!match) throw usageError(`--box takes four whole numbers such as 100,80,500,420, not "${text}".`)
  const [xa, ya, xb, yb] = match.slice(1).map(Number)
  return [Math.min(xa, xb), Math.min(ya, yb), Math.max(xa, xb), Math.max(ya, yb)]
}
