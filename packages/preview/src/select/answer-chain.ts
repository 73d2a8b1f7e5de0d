import type { PointPrompt, Prompts, StrokePrompt } from '@gen3d/shared/prompts'
import type { Classifier } from './classifier.ts'
import { type Size, seedAt, toSeeds } from './prompt-seeds.ts'
import type { Topology } from './topology.ts'

/** Answers of this many clicks are kept; later clicks look back on the last that is. */
const KEPT = 48
const NOTHING_BEFORE = { previous: null, last: null }

/**
 * The answer to a list of clicks depends on the answer to the list without its last click, and so on down to the box
 * alone; strokes come after the clicks, one by one, as a hand's last touch. What is kept of the last call saves time and
 * never changes a result: undo gives the identical one.
 */
export class AnswerChain {
  private readonly classifier: Classifier
  private readonly topology: Topology
  private readonly photo: Size
  private readonly points: PointPrompt[] = []
  /** Row k: probabilities after k clicks; row 0 holds those of the box alone. */
  private readonly answers: Float32Array
  private box = ''
  private known = -1

  constructor(classifier: Classifier, topology: Topology, photo: Size) {
    this.classifier = classifier
    this.topology = topology
    this.photo = photo
    this.answers = new Float32Array((KEPT + 1) * topology.count)
  }

  /** Probabilities of all regions for checked prompts, into `out`. */
  answer(prompts: Prompts, out: Float32Array): void {
    const { points } = prompts
    const strokes = prompts.strokes?.filter((stroke) => stroke.points.length > 0) ?? []
    if (points.length === 0 && !prompts.box) {
      if (strokes.length === 0) out.fill(0)
      else out.set(this.classifier.classify(toSeeds(prompts, this.photo, this.topology), NOTHING_BEFORE))
      return
    }
    this.answerClicks({ points, box: prompts.box }, out)
    for (let k = 1; k <= strokes.length; k++) {
      this.addStroke({ points, box: prompts.box, strokes: strokes.slice(0, k) }, strokes[k - 1], out)
    }
  }

  /** Probabilities for a box or clicks, or both, without strokes. */
  private answerClicks(prompts: Prompts, out: Float32Array): void {
    const { points } = prompts
    const box = JSON.stringify(prompts.box ?? null)
    const founded = prompts.box != null
    if (box !== this.box) {
      this.box = box
      this.known = -1
    }
    let same = 0
    while (same < this.known && same < points.length && alike(this.points[same], points[same])) same++
    this.known = this.known < 0 ? -1 : same
    if (this.known < 0) {
      if (founded) this.row(0).set(this.classifier.classify(this.seeds(prompts, 0), NOTHING_BEFORE))
      this.known = 0
    }
    for (let k = this.known + 1; k <= Math.min(points.length, KEPT); k++) {
      this.points[k - 1] = points[k - 1]
      this.row(k).set(this.step(prompts, k, k === 1 && !founded ? null : this.row(k - 1)))
      this.known = k
    }
    if (points.length > KEPT) out.set(this.step(prompts, points.length, this.row(KEPT)))
    else out.set(this.row(points.length))
  }

  /** A stroke that adds takes nothing away, and one that takes away adds nothing. */
  private addStroke(prompts: Prompts, stroke: StrokePrompt, answer: Float32Array): void {
    const [x, y] = stroke.points[stroke.points.length >> 1]
    const { width, height } = this.photo
    const seed = seedAt(within(x, width), within(y, height), this.photo, this.topology)
    const previous = answer.slice()
    const memory = { previous, last: { seed, label: stroke.label } }
    const next = this.classifier.classify(toSeeds(prompts, this.photo, this.topology), memory)
    for (let i = 0; i < answer.length; i++) {
      answer[i] = stroke.label === 1 ? Math.max(previous[i], next[i]) : Math.min(previous[i], next[i])
    }
  }

  private row(k: number): Float32Array {
    const n = this.topology.count
    return this.answers.subarray(k * n, (k + 1) * n)
  }

  private seeds(prompts: Prompts, count: number) {
    return toSeeds({ ...prompts, points: prompts.points.slice(0, count) }, this.photo, this.topology)
  }

  private step(prompts: Prompts, count: number, previous: Float32Array | null): Float32Array {
    const click = prompts.points[count - 1]
    const last = { seed: seedAt(click.x, click.y, this.photo, this.topology), label: click.label }
    const answer = this.classifier.classify(this.seeds(prompts, count), { previous, last })
    if (previous !== null) agree(answer, previous, click.label, last.seed.region)
    return answer
  }
}

function within(at: number, size: number): number {
  return Math.max(0, Math.min(size - 1, at))
}

function alike(a: PointPrompt, b: PointPrompt): boolean {
  return a.x === b.x && a.y === b.y && a.label === b.label
}

/** A click on what is answered that way already takes nothing back elsewhere. */
function agree(answer: Float32Array, previous: Float32Array, label: 0 | 1, region: number): void {
  if (label === 1 && previous[region] > 0.5) {
    for (let i = 0; i < answer.length; i++) if (previous[i] > answer[i]) answer[i] = previous[i]
  } else if (label === 0 && previous[region] <= 0.5) {
    for (let i = 0; i < answer.length; i++) if (previous[i] < answer[i]) answer[i] = previous[i]
  }
}
