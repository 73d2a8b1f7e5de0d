import { Gallery } from './gallery/gallery.tsx'
import { strings } from './strings.ts'
import { ScreenTitle } from './ui/controls.tsx'
import { PhotoDrop } from './upload/photo-drop.tsx'

export function Home() {
  return (
    <div class="home">
      <ScreenTitle documentTitle={strings.nav.home}>{strings.photo.title}</ScreenTitle>
      <PhotoDrop />
      <section aria-label={strings.gallery.recent}>
        <h2>{strings.gallery.recent}</h2>
        <Gallery limit={6} />
      </section>
    </div>
  )
}
