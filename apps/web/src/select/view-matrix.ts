/** Where the photo lies on the stage: screen = photo * scale + (x, y); photo pixels on one side, CSS pixels on the other. */
export interface View {
  readonly scale: number
  readonly x: number
  readonly y: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

export interface Spot {
  readonly x: number
  readonly y: number
}

const MAX_SCALE = 40
const MARGIN = 12

/** The whole photo, in the middle; small photos grow at most fourfold. */
export function fitView(photo: Size, stage: Size): View {
  const width = Math.max(1, stage.width - 2 * MARGIN)
  const height = Math.max(1, stage.height - 2 * MARGIN)
  const scale = Math.min(width / photo.width, height / photo.height, 4)
  return { scale, x: (stage.width - photo.width * scale) / 2, y: (stage.height - photo.height * scale) / 2 }
}

export function toPhoto(view: View, screen: Spot): Spot {
  return { x: (screen.x - view.x) / view.scale, y: (screen.y - view.y) / view.scale }
}

export function toScreen(view: View, photo: Spot): Spot {
  return { x: photo.x * view.scale + view.x, y: photo.y * view.scale + view.y }
}

/** The pixel under a point of the stage, or null beside the photo. */
export function toPixel(view: View, screen: Spot, photo: Size): Spot | null {
  const spot = toPhoto(view, screen)
  const x = Math.floor(spot.x)
  const y = Math.floor(spot.y)
  return x >= 0 && y >= 0 && x < photo.width && y < photo.height ? { x, y } : null
}

/** The nearest pixel of the photo, for drags that leave it. */
export function toNearestPixel(view: View, screen: Spot, photo: Size): Spot {
  const spot = toPhoto(view, screen)
  return {
    x: Math.min(photo.width - 1, Math.max(0, Math.floor(spot.x))),
    y: Math.min(photo.height - 1, Math.max(0, Math.floor(spot.y))),
  }
}

/** Zooms by a factor; what lies under `at` stays there. */
export function zoomAt(view: View, factor: number, at: Spot, photo: Size, stage: Size): View {
  const smallest = Math.min(fitView(photo, stage).scale / 2, 1)
  const scale = Math.min(MAX_SCALE, Math.max(smallest, view.scale * factor))
  const ratio = scale / view.scale
  return keepInside(
    { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio },
    photo,
    stage,
  )
}

export function pan(view: View, dx: number, dy: number, photo: Size, stage: Size): View {
  return keepInside({ ...view, x: view.x + dx, y: view.y + dy }, photo, stage)
}

/** A part of the photo always stays in sight, so that nobody gets lost. */
function keepInside(view: View, photo: Size, stage: Size): View {
  const hold = (at: number, length: number, room: number) =>
    Math.min(room - Math.min(64, room / 2), Math.max(Math.min(64, room / 2) - length, at))
  return {
    scale: view.scale,
    x: hold(view.x, photo.width * view.scale, stage.width),
    y: hold(view.y, photo.height * view.scale, stage.height),
  }
}

/** Moves the view as little as needed to show a spot of the photo. */
export function reveal(view: View, photo: Spot, stage: Size): View {
  const at = toScreen(view, photo)
  const shift = (value: number, room: number) =>
    value < 24 ? 24 - value : value > room - 24 ? room - 24 - value : 0
  return { ...view, x: view.x + shift(at.x, stage.width), y: view.y + shift(at.y, stage.height) }
}
