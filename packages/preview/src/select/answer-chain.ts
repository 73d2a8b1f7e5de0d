import type { PointPrompt, Prompts } from '@gen3d/shared/prompts'
import type { Classifier } from './classifier.ts'
import { type Size, seedAt, toSeeds } from './prompt-seeds.ts'
import type { Topology } from './topology.ts'

/** Answers of this many clicks are kept; later clicks look back on the last that is. */
const KEPT = 48

/**
 * The answer to a list of clicks depends on the answer to the list without its last click, and so on down to the box and
 * the strokes alone. What is kept of the last call saves time and never changes a result: undo gives the identical one.
 */
export class AnswerChain {
  private readonly classifier: Classifier
  private readonly topology: Topology
  private readonly photo: Size
  private readonly points: PointPrompt[] = []
  /** Row k: probabilities after k clicks; row 0 holds those of box and strokes alone. */
  private readonly answers: Float32Array
  private setting = ''
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
    const setting = JSON.stringify([prompts.box ?? null, prompts.strokes ?? []])
    const founded = prompts.box || prompts.strokes?.length
    if (setting !== this.setting) {
      this.setting = setting
      this.known = -1
    }
    let same = 0
    while (same < this.known && same < points.length && alike(this.points[same], points[same])) same++
    this.known = this.known < 0 ? -1 : same
    if (this.known < 0) {
      if (founded)
        this.row(0).set(this.classifier.classify(this.seeds(prompts, 0), { previous: null, last: null }))
      this.known = 0
    }
    for (let k = this.known + 1; k <= Math.min(points.length, KEPT); k++) {
      this.points[k - 1] = points[k - 1]
      this.row(k).set(this.step(prompts, k, k === 1 && !founded ? null : this.row(k - 1)))
      this.known = k
    }
    if (points.length > KEPT) out.set(this.step(prompts, points.length, this.row(KEPT)))
    else if (points.length === 0 && !founded) out.fill(0)
    else out.set(this.row(points.length))
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
