import { DOWNLOAD_URL_SECONDS } from '@gen3d/shared/limits'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { strings } from '../strings.ts'
import icon from './ar.svg'
import { arLink, readArDevice } from './ar.ts'
import type { FreshResult, ShownResult } from './files.ts'

const REFRESH_MS = DOWNLOAD_URL_SECONDS * 850

/** The object in the room before the device; absent where the device or the result has nothing for it. */
export function ArButton({ result, fresh, name }: { result: ShownResult; fresh: FreshResult; name: string }) {
  const device = useMemo(readArDevice, [])
  const [now, setNow] = useState(result)
  useEffect(() => {
    setNow(result)
    // A link cannot ask for a new address when it is pressed, so it always has one that holds.
    const timer = setInterval(() => void fresh().then(setNow, () => undefined), REFRESH_MS)
    return () => clearInterval(timer)
  }, [result, fresh])
  const link = arLink(now, name, device, location.href)
  if (!link) return null
  return (
    <p class="ar">
      {/* Quick Look wants the picture as the link's only child. */}
      <a rel={link.rel} href={link.href}>
        <img src={icon} alt={strings.view.ar} width="40" height="40" />
      </a>
      <span aria-hidden="true">{strings.view.ar}</span>
    </p>
  )
}
