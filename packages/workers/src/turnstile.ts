/** Lets workers start beside each other, and a change of all of them only while none starts. */
export class Turnstile {
  #starting = 0
  #changing = false
  readonly #waiting: { readonly alone: boolean; readonly enter: () => void }[] = []

  /** A worker starts; call what it resolves with when it has, or has not. */
  start(): Promise<() => void> {
    return this.#enter(false)
  }

  /** Everything changes; call what it resolves with when it has. */
  change(): Promise<() => void> {
    return this.#enter(true)
  }

  #enter(alone: boolean): Promise<() => void> {
    return new Promise((resolve) => {
      this.#waiting.push({
        alone,
        enter: () => {
          if (alone) this.#changing = true
          else this.#starting++
          resolve(() => this.#leave(alone))
        }
      })
      this.#letIn()
    })
  }

  #leave(alone: boolean): void {
    if (alone) this.#changing = false
    else this.#starting--
    this.#letIn()
  }

  // In the order in which they came, so that restarts without end do not hold a change up for ever.
  #letIn(): void {
    for (;;) {
      const [next] = this.#waiting
      if (next === undefined || this.#changing || (next.alone && this.#starting > 0)) return
      this.#waiting.shift()
      next.enter()
    }
  }
}
