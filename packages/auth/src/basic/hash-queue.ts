/** How many may wait. */
const MOST_WAITING = 64

/** Runs so many jobs at one time: hashes take threads of the process that files and name look-ups need as well. */
export class HashQueue {
  #most = 1
  #running = 0
  readonly #waiting: (() => void)[] = []

  /** At most so many at one time from now on. */
  use(most: number): void {
    this.#most = most
  }

  /** Whether one more may wait. */
  get isFull(): boolean {
    return this.#running >= this.#most && this.#waiting.length >= MOST_WAITING
  }

  /** Runs a job when it is its turn. Rejects as the job does. */
  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#most) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#running++
    try {
      return await job()
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#running--
      else next()
    }
  }
}
