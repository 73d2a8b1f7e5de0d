/** Takes a photo: dropped anywhere on the page, pasted, picked, or from the phone's camera. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { useStore } from '../store.ts'
import { strings } from '../strings.ts'
import { Fault } from '../ui/controls.tsx'
import { Icon } from '../ui/icon.tsx'
import { useTask } from '../ui/use-task.ts'
import type { NamedBytes } from './address.ts'
import { PhotoRefused } from './photo-refused.ts'

const text = strings.photo
const ACCEPT = 'image/jpeg,image/png,image/webp,image/heic,image/heif,.heic,.heif'

async function readFile(file: File): Promise<NamedBytes> {
  const bytes = await file.arrayBuffer().catch((cause) => {
    throw new PhotoRefused(text.unreadable, { cause })
  })
  return { name: file.name, bytes: new Uint8Array(bytes) }
}

export function PhotoDrop() {
  const { uploads, go } = useStore()
  const over = useSignal(false)
  const converting = useSignal(false)
  const input = useRef<HTMLInputElement>(null)
  const camera = useRef<HTMLInputElement>(null)
  const task = useTask()

  const start = (read: () => Promise<NamedBytes>) => {
    converting.value = false
    void task.run(async () => {
      const { name, bytes } = await read()
      const { preparePhoto } = await import('./prepare-photo.ts')
      const photo = await preparePhoto(name, bytes, () => {
        converting.value = true
      })
      const upload = await uploads.start(photo)
      go({ name: 'session', sessionId: upload.sessionId, tab: null })
    })
  }
  const take = (file: File | null | undefined, words?: string) => {
    if (file) start(() => readFile(file))
    else if (words) {
      start(async () => {
        const { findAddress, readAddress } = await import('./address.ts')
        const address = findAddress(words)
        if (!address) throw new PhotoRefused(text.noPhotoGiven)
        return readAddress(address)
      })
    }
  }
  const latest = useRef(take)
  latest.current = take

  useEffect(() => {
    const stop = new AbortController()
    const on = { signal: stop.signal }
    addEventListener(
      'dragover',
      (event) => {
        event.preventDefault()
        over.value = true
      },
      on,
    )
    addEventListener(
      'dragleave',
      (event) => {
        if (!event.relatedTarget) over.value = false
      },
      on,
    )
    addEventListener(
      'drop',
      (event) => {
        event.preventDefault()
        over.value = false
        const given = event.dataTransfer
        latest.current(given?.files[0], given?.getData('text/uri-list') || given?.getData('text/plain'))
      },
      on,
    )
    addEventListener(
      'paste',
      (event) => {
        const file = [...(event.clipboardData?.files ?? [])].find((each) => each.type.startsWith('image/'))
        const words = event.clipboardData?.getData('text/plain') ?? ''
        // Whoever pastes into a field means the field.
        if (file || !(event.target instanceof HTMLInputElement)) latest.current(file, words)
      },
      on,
    )
    return () => stop.abort()
  }, [over])

  const picker = (ref: typeof input, capture: boolean) => (
    <input
      ref={ref}
      type="file"
      class="hidden"
      tabIndex={-1}
      aria-hidden="true"
      accept={ACCEPT}
      capture={capture ? 'environment' : undefined}
      data-testid={capture ? 'camera-input' : 'photo-input'}
      onChange={(event) => {
        const { currentTarget } = event
        take(currentTarget.files?.[0])
        currentTarget.value = ''
      }}
    />
  )
  return (
    <div class={`drop ${over.value ? 'over' : ''}`} aria-busy={task.busy}>
      <Icon name="photo" />
      <p class="big">
        {text.drop}{' '}
        <button type="button" class="primary" disabled={task.busy} onClick={() => input.current?.click()}>
          {task.busy ? (converting.value ? text.converting : text.opening) : text.pick}
        </button>
      </p>
      <button type="button" class="quiet only-touch" onClick={() => camera.current?.click()}>
        {text.camera}
      </button>
      {task.error ? <Fault error={task.error} /> : null}
      <p class="hint">{text.facts}</p>
      <p class="hint">{text.hint}</p>
      <p class="hint">{text.privacy}</p>
      {picker(input, false)}
      {picker(camera, true)}
    </div>
  )
}
