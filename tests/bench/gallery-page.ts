/** The gallery as one HTML file beside its pictures. */

interface GalleryRow {
  readonly id: string
  readonly note: string
  readonly now: string
  readonly before: string | null
}

export function galleryPage(gallery: {
  readonly commit: string
  readonly before: string | null
  readonly rows: readonly GalleryRow[]
}): string {
  const { commit, before, rows } = gallery
  const figures = rows.map(
    ({ id, note, now, before: old }) => `
<section id="${escapeHtml(id)}">
  <h2><a href="#${escapeHtml(id)}">${escapeHtml(id)}</a> <small>${escapeHtml(note)}</small></h2>
  <figure><img loading="lazy" src="${now}" alt="now"><figcaption>${commit}</figcaption></figure>
  ${old ? `<figure><img loading="lazy" src="${old}" alt="before"><figcaption>before: ${before}</figcaption></figure>` : ''}
</section>`,
  )
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Gen3D gallery ${commit}</title>
<style>
  body { margin: 2rem; font: 15px/1.5 system-ui, sans-serif; background: #eef1f5; color: #18202c }
  section { display: flex; flex-wrap: wrap; gap: 1rem; margin: 0 0 2rem }
  h2 { flex-basis: 100%; margin: 0; font-size: 1rem }
  h2 a { color: inherit }
  small { font-weight: normal; color: #556 }
  figure { margin: 0 }
  img { display: block; width: min(1040px, 100%); border-radius: 8px; background: #fff }
</style>
<h1>Gen3D gallery</h1>
<p>${rows.length} photos. Lines: photo and mask after 1, 3 and 5 robot clicks; mesh from four sides (the engine’s own
rasteriser); splat from the same four sides (a simple drawing of our own, no viewer’s). Made by the preview engine of
the mask after 5 clicks.</p>
${figures.join('\n')}
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
