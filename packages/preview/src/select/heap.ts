/** A binary min-heap of (key, item) whose ties go to the smaller item: the same order on every machine. */
export class MinHeap {
  private keys: Float64Array
  private items: Int32Array
  private count = 0

  constructor(capacity: number) {
    this.keys = new Float64Array(Math.max(16, capacity))
    this.items = new Int32Array(Math.max(16, capacity))
  }

  get size(): number {
    return this.count
  }

  clear(): void {
    this.count = 0
  }

  push(key: number, item: number): void {
    if (this.count === this.keys.length) this.grow()
    const { keys, items } = this
    let at = this.count++
    while (at > 0) {
      const up = (at - 1) >> 1
      if (keys[up] < key || (keys[up] === key && items[up] <= item)) break
      keys[at] = keys[up]
      items[at] = items[up]
      at = up
    }
    keys[at] = key
    items[at] = item
  }

  /** Key of the item that `pop` would give. */
  get minimum(): number {
    return this.keys[0]
  }

  /** Takes the smallest item out; only where `size` > 0. */
  pop(): number {
    const { keys, items } = this
    const result = items[0]
    const n = --this.count
    const key = keys[n]
    const item = items[n]
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= n) break
      const right = child + 1
      if (
        right < n &&
        (keys[right] < keys[child] || (keys[right] === keys[child] && items[right] < items[child]))
      )
        child = right
      if (key < keys[child] || (key === keys[child] && item <= items[child])) break
      keys[at] = keys[child]
      items[at] = items[child]
      at = child
    }
    keys[at] = key
    items[at] = item
    return result
  }

  private grow(): void {
    const keys = new Float64Array(this.keys.length * 2)
    const items = new Int32Array(this.items.length * 2)
    keys.set(this.keys)
    items.set(this.items)
    this.keys = keys
    this.items = items
  }
}
