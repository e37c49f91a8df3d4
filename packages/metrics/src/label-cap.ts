/** The value that stands for all that came after the limit. */
const OTHER = 'other'

/** Labels whose values are ours, and few. */
const BOUNDED = new Set(['state', 'phase', 'outcome', 'status', 'reason', 'result', 'to', 'scope'])

/**
 * Bounds how many values a label may have, so that no client and no discovery can make the memory of the gateway or of
 * Prometheus grow without end.
 */
export class LabelCap {
  readonly #most: number
  readonly #known = new Map<string, Set<string>>()

  /** `most` values of each label, from 1. */
  constructor(most: number) {
    this.#most = most
  }

  /** The value itself, or `other` when the label has its most values already. */
  of(label: string, value: string): string {
    if (BOUNDED.has(label)) return value
    let known = this.#known.get(label)
    if (known === undefined) {
      known = new Set()
      this.#known.set(label, known)
    }
    if (known.has(value)) return value
    if (known.size >= this.#most) return OTHER
    known.add(value)
    return value
  }

  /** Makes room: the value is not used any more. */
  forget(label: string, value: string): void {
    this.#known.get(label)?.delete(value)
  }
}
