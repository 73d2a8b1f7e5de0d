/** The object in 3D. A lazy part of the page: the engine comes only when there is something to look at. */
import type { ReconstructResponse } from '@gen3d/shared/api'
import { effect, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { strings } from '../strings.ts'
import { Fault, IconButton, Notice } from '../ui/controls.tsx'
import { useTask } from '../ui/use-task.ts'
import { fetchFile, saveAs, shownFile, shownKinds } from './files.ts'
import { frameBox, type Orbit, radiusOf, turn, unite } from './orbit.ts'
import { createScene, type Scene, type ShownKind } from './scene.ts'
import { listenToViewer } from './viewer-input.ts'

const text = strings.view
const FOV = (40 * Math.PI) / 180
/** Radians a second. */
const SELF_TURN = 0.5
const BACKGROUNDS = ['paper', 'dark', 'none'] as const

/** A result with addresses that still hold; asked for whenever files are needed. */
export type FreshResult = () => Promise<ReconstructResponse>

interface Props {
  result: ReconstructResponse
  fresh: FreshResult
  name: string
}

export default function Viewer({ result, fresh, name }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const scene = useRef<Scene | null>(null)
  const kinds = shownKinds(result)
  const kind = useSignal<ShownKind>(kinds[0] ?? 'splat')
  const box = unite(result.objects.map((each) => each.bounds))
  const start = () => {
    const { clientWidth = 1, clientHeight = 1 } = canvas.current ?? {}
    return frameBox(
      box,
      result.camera.object_to_camera,
      FOV,
      Math.max(1, clientWidth) / Math.max(1, clientHeight),
    )
  }
  const orbit = useSignal<Orbit>(start())
  const loading = useSignal<number | null>(0)
  const ready = useSignal(false)
  const turning = useSignal(false)
  const wireframe = useSignal(false)
  const background = useSignal<(typeof BACKGROUNDS)[number]>('paper')
  const fault = useSignal<unknown>(null)
  const task = useTask()

  async function load(kindToLoad: ShownKind, stop: AbortSignal): Promise<void> {
    const { objects } = await fresh()
    const files = objects.flatMap((each) => shownFile(each.files, kindToLoad) ?? [])
    const total = files.reduce((sum, file) => sum + file.size_bytes, 0)
    const got = files.map(() => 0)
    await Promise.all(
      files.map(async (file, index) => {
        const bytes = await fetchFile(file.url, file.size_bytes, stop, (at) => {
          got[index] = at
          loading.value = got.reduce((sum, each) => sum + each, 0) / total
        })
        const extension = file.format === 'glb' ? 'glb' : file.format === 'sog' ? 'sog' : 'ply'
        await scene.current?.add({
          kind: kindToLoad,
          name: `${index}.${extension}`,
          bytes,
          frame: file.frame,
          unit: file.unit,
        })
      }),
    )
  }

  useEffect(() => {
    const element = canvas.current
    if (!element) return
    let made: Scene
    try {
      made = createScene(element)
    } catch (error) {
      console.warn(error)
      fault.value = new Error(text.noWebgl)
      return
    }
    scene.current = made
    made.setFov(FOV)
    orbit.value = start()
    const stop = new AbortController()
    const loaded = new Set<ShownKind>()
    const stopShowing = effect(() => {
      const wanted = kind.value
      made.show(wanted)
      if (loaded.has(wanted)) return
      loaded.add(wanted)
      loading.value = 0
      load(wanted, stop.signal).then(
        () => {
          loading.value = null
          ready.value = true
        },
        (error) => {
          loaded.delete(wanted)
          if (stop.signal.aborted) return
          loading.value = null
          fault.value = error
        },
      )
    })
    const stopMoving = effect(() => made.setOrbit(orbit.value))
    const stopTurning = effect(() => {
      made.animate(
        turning.value ? (seconds) => (orbit.value = turn(orbit.peek(), seconds * SELF_TURN, 0)) : null,
      )
    })
    const stopStyle = effect(() => made.setWireframe(wireframe.value))
    const observer = new ResizeObserver(() => {
      made.resize(element.clientWidth, element.clientHeight, Math.min(2, devicePixelRatio || 1))
    })
    observer.observe(element)
    const stopListening = listenToViewer(element, {
      orbit,
      radius: () => radiusOf(box),
      reset: () => (orbit.value = start()),
    })
    return () => {
      stop.abort()
      for (const end of [stopShowing, stopMoving, stopTurning, stopStyle, stopListening]) end()
      observer.disconnect()
      made.dispose()
      scene.current = null
    }
  }, [])

  const picture = () =>
    task.run(async () => {
      const blob = await scene.current?.screenshot()
      if (blob) saveAs(blob, `${name || 'object'}.png`)
    })
  if (kinds.length === 0) return <Notice kind="plain">{text.noneShown}</Notice>
  return (
    <div class="stage-frame" ref={frame}>
      <div class="toolbar" role="toolbar" aria-label={text.show}>
        <fieldset class="segmented" aria-label={text.show}>
          {kinds.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={kind.value === each}
              onClick={() => (kind.value = each)}
            >
              {text[each]}
            </button>
          ))}
        </fieldset>
        <div class="group">
          <IconButton icon="photo" label={text.photoView} onClick={() => (orbit.value = start())} />
          <IconButton
            icon="turn"
            label={text.turn}
            pressed={turning.value}
            onClick={() => (turning.value = !turning.value)}
          />
          {kind.value === 'mesh' && (
            <IconButton
              icon="box"
              label={text.wireframe}
              pressed={wireframe.value}
              onClick={() => (wireframe.value = !wireframe.value)}
            />
          )}
          <IconButton icon="camera" label={text.screenshot} disabled={!ready.value} onClick={picture} />
          {document.fullscreenEnabled && (
            <IconButton
              icon="full"
              label={text.fullscreen}
              onClick={() =>
                document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen()
              }
            />
          )}
        </div>
        <label class="choice">
          <span class="visually-hidden">{text.background}</span>
          <select
            value={background.value}
            onChange={(event) =>
              (background.value = event.currentTarget.value as (typeof BACKGROUNDS)[number])
            }
          >
            {BACKGROUNDS.map((each) => (
              <option key={each} value={each}>
                {text.backgrounds[each]}
              </option>
            ))}
          </select>
        </label>
      </div>
      <div class={`stage-room ground-${background.value}`}>
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: what is drawn is worked on by keys and pointer */}
        <canvas
          ref={canvas}
          class="stage"
          tabIndex={0}
          role="application"
          aria-label={text.stage}
          data-testid="viewer"
          data-ready={ready.value}
        />
        {loading.value !== null && !fault.value && (
          <p class="stage-note" role="status">
            {text.loading(Math.round(loading.value * 100))}
          </p>
        )}
      </div>
      {fault.value ? <Fault error={fault.value} /> : null}
      {task.error ? <Fault error={task.error} /> : null}
    </div>
  )
}
