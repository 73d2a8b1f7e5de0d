/** Line icons on a grid of 20; drawn for this page. */
const PATHS = {
  point: 'M5 3l10 7-4.500 1L13 16l-2 1-2.500-5L5 15z',
  box: 'M3 6V3h3M14 3h3v3M17 14v3h-3M6 17H3v-3M8 3h4M8 17h4M3 8v4M17 8v4',
  brush: 'M16 3c1 1 1 2 0 3l-6 6-2-2 6-6c1-1 1-2 2-1zM8 11c-3 0-3 4-5 5 2 1 7 1 7-3',
  pan: 'M10 2v16M2 10h16M10 2 8 4.500M10 2l2 2.500M10 18l-2-2.500M10 18l2-2.500M2 10l2.500-2M2 10l2.500 2M18 10l-2.500-2M18 10l-2.500 2',
  undo: 'M7 4 3 8l4 4M3 8h9a5 5 0 0 1 0 10H8',
  redo: 'M13 4l4 4-4 4M17 8H8a5 5 0 0 0 0 10h4',
  clear: 'M4 6h12M8 6V4h4v2M6 6l1 11h6l1-11',
  less: 'M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14zM7 10h6',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  fit: 'M3 7V3h4M13 3h4v4M17 13v4h-4M7 17H3v-4',
  download: 'M10 3v10M6 9l4 4 4-4M4 17h12',
  camera: 'M3 6h3l1.500-2h5L14 6h3v10H3zM10 8a3 3 0 1 0 0 6 3 3 0 0 0 0-6z',
  full: 'M12 3h5v5M17 3l-6 6M8 17H3v-5M3 17l6-6',
  turn: 'M16 10a6 6 0 1 1-2-4.500M16 3v3.500h-3.500',
  mesh: 'M10 2l7 4v8l-7 4-7-4V6zM3 6l7 4 7-4M10 10v8M3 14l7-4 7 4M10 2v8',
  grid: 'M3 3h14v14H3zM3 7.700h14M3 12.300h14M7.700 3v14M12.300 3v14',
  light:
    'M10 6a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM10 1.500v2M10 16.500v2M1.500 10h2M16.500 10h2M4 4l1.500 1.500M14.500 14.500 16 16M16 4l-1.500 1.500M4 16l1.500-1.500',
  photo: 'M3 4h14v12H3zM3 13l4-4 4 4 2-2 4 4M13 7.500h.01',
  pen: 'M4 16l1-4 8-8 3 3-8 8zM11.500 5.500l3 3',
  share:
    'M14 3a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM14 13a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM5 8a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM7 9l5.500-3M7 11l5.500 3',
  check: 'M4 10l4 4 8-9',
  user: 'M10 3a3.500 3.500 0 1 0 0 7 3.500 3.500 0 0 0 0-7zM3.500 17c1-3 3.500-4.500 6.500-4.500s5.500 1.500 6.500 4.500',
} as const

export type IconName = keyof typeof PATHS

/** Decoration only: the control that holds it carries the name. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  )
}
