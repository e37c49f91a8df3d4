import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 15_000

/** Prints what happens when, and remembers what should have happened and did not. */
export class Timeline {
  readonly #start = performance.now()
  readonly #missed: string[] = []

  /** Begins a part of the drill. */
  act(what: string): void {
    console.log(`\n${this.#time()}  ${what}`)
  }

  tell(what: string): void {
    console.log(`${this.#time()}    ${what}`)
  }

  check(what: string, happened: boolean): void {
    this.tell(`${happened ? '✓' : '✗'} ${what}`)
    if (!happened) this.#missed.push(what)
  }

  /** Waits for something, and says whether it has happened. */
  async until(what: string, happened: () => boolean): Promise<void> {
    this.check(what, await this.wait(happened))
  }

  /** Waits for something, 15 seconds at most. Resolves with whether it has happened. */
  async wait(happened: () => boolean): Promise<boolean> {
    const end = performance.now() + PATIENCE_MS
    while (!happened() && performance.now() < end) await delay(10)
    return happened()
  }

  /** The exit code: 0 when everything happened. */
  end(): number {
    const took = `${this.#time().trim()} in all`
    console.log(
      this.#missed.length === 0
        ? `\nThe gateway did all of it; ${took}.`
        : `\nDid not happen; ${took}:\n${this.#missed.map((what) => `  ✗ ${what}`).join('\n')}`
    )
    return this.#missed.length === 0 ? 0 : 1
  }

  #time(): string {
    return `${((performance.now() - this.#start) / 1_000).toFixed(1).padStart(5)} s`
  }
}
