/** One colour an object, told apart by most colour-blind eyes on most photos (after Okabe and Ito, made brighter). */
const COLOURS = [
  '#2fd6b0',
  '#ffb23e',
  '#6fb7ff',
  '#ff7bac',
  '#d7e34b',
  '#c79bff',
  '#ff8a5c',
  '#9de0ff',
] as const

export function layerColour(id: string): string {
  return COLOURS[(Number(id) - 1) % COLOURS.length]
}
