/** What a share link shows: the objects, to whoever has the link. */
import { ApiError } from '@gen3d/client/errors'
import type { SharedScene } from '@gen3d/shared/api'
import { useSignal } from '@preact/signals'
import { useEffect, useMemo } from 'preact/hooks'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Fault, ScreenTitle } from '../ui/controls.tsx'
import { formatWhen } from '../ui/format.ts'
import { useTask } from '../ui/use-task.ts'
import { keepFresh } from '../view/files.ts'
import { ObjectPanel, Viewer } from '../view/object-view.tsx'
import type { Orbit } from '../view/orbit.ts'
import { resultSource } from '../view/source.ts'

const text = strings.share

function SharedObjects({ token, scene }: { token: string; scene: SharedScene }) {
  const { client } = useStore()
  const orbit = useSignal<Orbit | null>(null)
  const fresh = useMemo(() => keepFresh(scene, () => client.readShared(token)), [scene, client, token])
  const source = useMemo(() => resultSource(token, scene, fresh), [scene, fresh, token])
  return (
    <div class="sides">
      <div class="main-side">
        <Viewer source={source} orbit={orbit} name={scene.name} photo={null} selected={[]} />
      </div>
      <aside class="side">
        <ObjectPanel result={scene} fresh={fresh} name={scene.name} seconds={null} />
        <p class="hint">{text.visible(formatWhen(scene.expires_at))}</p>
      </aside>
    </div>
  )
}

export default function SharedView({ token }: { token: string }) {
  const { client } = useStore()
  const scene = useSignal<SharedScene | null>(null)
  const task = useTask()
  const read = () =>
    task.run(async () => {
      scene.value = await client.readShared(token)
    })
  useEffect(() => void read(), [])
  const shown = scene.value
  const title = shown ? shown.name || strings.session.untitled : text.sharedTitle
  const gone = task.error instanceof ApiError && task.error.status === 404
  return (
    <div class="session">
      <header class="session-head">
        <ScreenTitle documentTitle={title}>{title}</ScreenTitle>
      </header>
      {task.error ? (
        <Fault error={gone ? new Error(text.gone) : task.error} onAgain={gone ? undefined : read} />
      ) : shown ? (
        <SharedObjects token={token} scene={shown} />
      ) : (
        <p class="hint loading">{strings.loading}</p>
      )}
    </div>
  )
}
