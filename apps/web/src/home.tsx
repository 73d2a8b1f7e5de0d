import { useEffect } from 'preact/hooks'
import { Gallery } from './gallery/gallery.tsx'
import { prepareDecoder } from './select/decoder.ts'
import { strings } from './strings.ts'
import { ScreenTitle } from './ui/controls.tsx'
import { PhotoDrop } from './upload/photo-drop.tsx'

/** After the screen itself, and not for somebody who only passes by. */
const PREPARE_AFTER_MS = 400

export function Home() {
  useEffect(() => {
    const timer = setTimeout(prepareDecoder, PREPARE_AFTER_MS)
    return () => clearTimeout(timer)
  }, [])
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
