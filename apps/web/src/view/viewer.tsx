/** The object in 3D. A lazy part of the page: the engine comes only when there is something to look at. */
import { batch, effect, type Signal, useSignal } from '@preact/signals'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import { strings } from '../strings.ts'
import { Fault, Notice } from '../ui/controls.tsx'
import { formatMetres, formatShare } from '../ui/format.ts'
import { useTask } from '../ui/use-task.ts'
import { measureAgreement, type SelectedOutline } from './agreement.ts'
import { saveAs } from './files.ts'
import { createGlide, type Glide } from './glide.ts'
import { gridUnder } from './grid.ts'
import { eyeOf, frameBox, type Orbit, radiusOf, rayThrough, turn } from './orbit.ts'
import { pickPoint } from './pick.ts'
import { createScene, type Scene, type ShownKind } from './scene.ts'
import type { ViewerSource } from './source.ts'
import { listenToViewer } from './viewer-input.ts'
import { type Background, ViewerTools } from './viewer-tools.tsx'

const text = strings.view
const FOV = (40 * Math.PI) / 180
/** Radians a second. */
const SELF_TURN = 0.5
/** Until a splat that has just been loaded is sorted and drawn. */
const SETTLE_MS = 500
/** Longest side of the photo behind the object, pixels. */
const UNDERLAY_SIDE = 2048

interface Props {
  source: ViewerSource
  /** Outlives the viewer, so that the real object appears as the rough one was turned. */
  orbit: Signal<Orbit | null>
  name: string
  photo: ImageBitmap | null
  /** What is selected in the photo now. */
  selected: readonly SelectedOutline[]
}

function Underlay({ photo }: { photo: ImageBitmap }) {
  const canvas = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const element = canvas.current
    if (!element) return
    const scale = Math.min(1, UNDERLAY_SIDE / Math.max(photo.width, photo.height))
    element.width = Math.round(photo.width * scale)
    element.height = Math.round(photo.height * scale)
    element.getContext('2d')?.drawImage(photo, 0, 0, element.width, element.height)
  }, [photo])
  return <canvas ref={canvas} class="stage under" role="img" aria-label={text.underlay} />
}

export default function Viewer({ source, orbit, name, photo, selected }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const frame = useRef<HTMLDivElement>(null)
  const scene = useRef<Scene | null>(null)
  const glide = useRef<Glide | null>(null)
  /** Whether the person has moved the view, so that a new size of the stage must not. */
  const touched = useRef(orbit.peek() !== null)
  const kind = useSignal<ShownKind>(source.kinds[0] ?? 'splat')
  const loading = useSignal<number | null>(0)
  const ready = useSignal(false)
  const turning = useSignal(false)
  const wireframe = useSignal(false)
  const grid = useSignal(false)
  const lit = useSignal(false)
  const splatScale = useSignal(1)
  const ground = useMemo(() => gridUnder(source.bounds), [source])
  const overPhoto = useSignal(false)
  const opacity = useSignal(1)
  const agreement = useSignal<number | null>(null)
  const room = useSignal({ width: 1, height: 1 })
  const background = useSignal<Background>('page')
  const fault = useSignal<unknown>(null)
  const task = useTask()
  const start = () =>
    frameBox(source.bounds, source.camera.object_to_camera, FOV, room.peek().width / room.peek().height)

  function reset(): void {
    overPhoto.value = false
    touched.current = false
    glide.current?.to(start())
  }

  async function load(wanted: ShownKind, made: Scene, stop: AbortSignal): Promise<void> {
    const files = await source.load(wanted, stop, (fraction) => {
      loading.value = fraction
    })
    for (const file of files) await made.add(file)
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
    const measure = () => {
      const { clientWidth: width, clientHeight: height } = element
      if (width < 2 || height < 2) return
      room.value = { width, height }
      made.resize(width, height, Math.min(2, devicePixelRatio || 1))
      if (!touched.current) orbit.value = start()
    }
    measure()
    orbit.value ??= start()
    const view = orbit as Signal<Orbit>
    const gliding = createGlide(view)
    glide.current = gliding
    const stop = new AbortController()
    const loaded = new Set<ShownKind>()
    const stopShowing = effect(() => {
      const wanted = kind.value
      made.show(wanted)
      if (loaded.has(wanted)) return
      loaded.add(wanted)
      loading.value = 0
      load(wanted, made, stop.signal).then(
        () =>
          batch(() => {
            loading.value = null
            ready.value = true
          }),
        (error) => {
          loaded.delete(wanted)
          if (stop.signal.aborted) return
          loading.value = null
          fault.value = error
        },
      )
    })
    const stopMoving = effect(() => {
      if (overPhoto.value) made.setPhotoCamera(source.camera, room.value.width, room.value.height)
      else if (orbit.value) made.setOrbit(orbit.value)
    })
    const stopTurning = effect(() => {
      made.animate(
        turning.value
          ? (seconds) => {
              touched.current = true
              const now = orbit.peek()
              if (now) orbit.value = turn(now, seconds * SELF_TURN, 0)
            }
          : null,
      )
    })
    const stopStyle = effect(() => made.setWireframe(wireframe.value))
    const stopLight = effect(() => made.setLight(lit.value))
    // Over the photo the object is as it is.
    const stopScale = effect(() => made.setSplatScale(overPhoto.value ? 1 : splatScale.value))
    const stopGrid = effect(() => made.setLines(grid.value && !overPhoto.value ? ground.lines : []))
    const observer = new ResizeObserver(measure)
    observer.observe(element)
    const stopListening = listenToViewer(element, {
      orbit: view,
      radius: () => radiusOf(source.bounds),
      reset,
      focusAt(x, y) {
        const now = view.peek()
        const spot = pickPoint(made.points(), eyeOf(now), rayThrough(now, FOV, { x, y }, room.peek()))
        if (!spot || overPhoto.peek()) return reset()
        touched.current = true
        gliding.to({ ...now, target: spot })
      },
      onTouch() {
        touched.current = true
        gliding.stop()
        overPhoto.value = false
      },
    })
    return () => {
      stop.abort()
      for (const end of [
        stopShowing,
        stopMoving,
        stopTurning,
        stopStyle,
        stopLight,
        stopScale,
        stopGrid,
        stopListening,
      ])
        end()
      observer.disconnect()
      gliding.stop()
      made.dispose()
      scene.current = null
    }
  }, [])

  const compared = useRef(selected)
  compared.current = selected
  useEffect(
    () =>
      effect(() => {
        agreement.value = null
        // Read here, so that a new size or kind is measured anew.
        void [kind.value, room.value]
        if (!overPhoto.value || !ready.value || !photo || compared.current.length === 0) return
        const timer = setTimeout(() => {
          const drawn = scene.current?.drawNow()
          if (drawn) agreement.value = measureAgreement(drawn, photo, compared.current)
        }, SETTLE_MS)
        return () => clearTimeout(timer)
      }),
    [photo],
  )

  const picture = () =>
    task.run(async () => {
      const blob = await scene.current?.screenshot()
      if (blob) saveAs(blob, `${name || 'object'}.png`)
    })
  if (source.kinds.length === 0) return <Notice kind="plain">{text.noneShown}</Notice>
  return (
    <div class="stage-frame" ref={frame}>
      <ViewerTools
        kinds={source.kinds}
        kind={kind}
        turning={turning}
        wireframe={wireframe}
        grid={grid}
        lit={lit}
        splatScale={splatScale}
        overPhoto={photo ? overPhoto : null}
        opacity={opacity}
        background={background}
        ready={ready.value}
        onReset={reset}
        onPicture={picture}
        onFullscreen={() =>
          document.fullscreenElement ? document.exitFullscreen() : frame.current?.requestFullscreen()
        }
      />
      <div class={`stage-room ground-${background.value}`}>
        {overPhoto.value && photo && <Underlay photo={photo} />}
        {source.poster && !ready.value && (
          <img class="stage stage-poster" src={source.poster} alt="" crossOrigin="anonymous" />
        )}
        {/* biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: the object is turned by keys and pointer */}
        <canvas
          ref={canvas}
          class="stage"
          tabIndex={0}
          role="application"
          aria-label={text.stage}
          style={{ opacity: overPhoto.value ? opacity.value : 1 }}
          data-testid="viewer"
          data-ready={ready.value}
        />
        {agreement.value !== null && (
          <p class="stage-note" role="status">
            {text.agreement(formatShare(agreement.value))}
          </p>
        )}
        {grid.value && !overPhoto.value && loading.value === null && (
          <p class="stage-note" role="status">
            {text.gridStep(formatMetres(ground.step))}
          </p>
        )}
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
