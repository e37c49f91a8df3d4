/** Something to do at a time. */
export interface TimeEntry {
  readonly at: number
  readonly order: number
  /** `null` once it is cancelled or taken. */
  task: (() => void) | null
}

/** Tasks by time and then by order of arrival: a binary heap. */
export class TimeQueue {
  readonly #heap: TimeEntry[] = []
  #order = 0
  #cancelled = 0

  add(at: number, task: () => void): TimeEntry {
    const entry = { at, order: this.#order++, task }
    this.#heap.push(entry)
    this.#rise(this.#heap.length - 1)
    return entry
  }

  /** Does nothing for an entry that was cancelled or taken. */
  cancel(entry: TimeEntry): void {
    if (entry.task === null) return
    entry.task = null
    this.#cancelled++
    // Time limits are nearly all cancelled long before they are due: they must not pile up.
    if (this.#cancelled > 1_024 && this.#cancelled > this.#heap.length / 2) this.#sweep()
  }

  /** How many entries are neither cancelled nor taken. */
  get length(): number {
    return this.#heap.length - this.#cancelled
  }

  /** The next entry that is not cancelled. */
  get first(): TimeEntry | undefined {
    while (this.#heap[0]?.task === null) {
      this.#cancelled--
      this.#dropFirst()
    }
    return this.#heap[0]
  }

  /** Takes the entry that {@link first} shows, and gives its task. */
  takeFirst(): (() => void) | null {
    const entry = this.first
    if (entry === undefined) return null
    const { task } = entry
    this.#dropFirst()
    entry.task = null
    return task
  }

  #dropFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #sweep(): void {
    const live = this.#heap.filter((entry) => entry.task !== null).sort((a, b) => (before(a, b) ? -1 : 1))
    this.#heap.length = 0
    // A sorted list is a heap.
    for (const entry of live) this.#heap.push(entry)
    this.#cancelled = 0
  }

  #rise(from: number): void {
    const heap = this.#heap
    const entry = heap[from] as TimeEntry
    let index = from
    while (index > 0) {
      const parent = (index - 1) >> 1
      const above = heap[parent] as TimeEntry
      if (!before(entry, above)) break
      heap[index] = above
      index = parent
    }
    heap[index] = entry
  }

  #sink(from: number): void {
    const heap = this.#heap
    const entry = heap[from] as TimeEntry
    let index = from
    for (let child = 2 * index + 1; child < heap.length; child = 2 * index + 1) {
      if (child + 1 < heap.length && before(heap[child + 1] as TimeEntry, heap[child] as TimeEntry)) child++
      const below = heap[child] as TimeEntry
      if (!before(below, entry)) break
      heap[index] = below
      index = child
    }
    heap[index] = entry
  }
}

function before(a: TimeEntry, b: TimeEntry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
