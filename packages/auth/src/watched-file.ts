import { readFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { type Cancel, type Gateway, toldError } from '@gatewright/core'

/** What a text was read as, or what is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly problems: readonly string[] }

/** A JSON file that is read again when it changes. While it is wrong, what was read last holds. */
export class WatchedFile<T> {
  readonly #path: string
  readonly #what: string
  readonly #gateway: Gateway
  readonly #read: (json: unknown) => Read<T>
  readonly #cancel: Cancel
  #stamp = ''
  #reading = false
  #value: T | null = null
  /** What is wrong with what was read first; empty for nothing. */
  readonly problems: readonly string[]

  /** `what` names it in logs: `the file of API keys`. */
  constructor(
    path: string,
    refreshMs: number,
    gateway: Gateway,
    what: string,
    read: (json: unknown) => Read<T>
  ) {
    this.#path = path
    this.#what = what
    this.#gateway = gateway
    this.#read = read
    this.problems = this.#take(() => readFileSync(path, 'utf8'))
    this.#cancel = gateway.timers.every(refreshMs, () => void this.#refresh())
  }

  /** What was read last; `null` where nothing could be read at the start. */
  get value(): T | null {
    return this.#value
  }

  close(): void {
    this.#cancel()
  }

  async #refresh(): Promise<void> {
    if (this.#reading) return
    this.#reading = true
    try {
      const { mtimeMs, size, ino } = await stat(this.#path)
      const stamp = `${mtimeMs} ${size} ${ino}`
      if (stamp === this.#stamp) return
      const text = await readFile(this.#path, 'utf8')
      this.#stamp = stamp
      this.#warn(this.#take(() => text))
    } catch (error) {
      this.#warn([`cannot be read: ${toldError(error)}`])
    } finally {
      this.#reading = false
    }
  }

  #take(read: () => string): readonly string[] {
    try {
      const result = this.#read(JSON.parse(read()))
      if ('problems' in result) return result.problems
      this.#value = result.value
      return []
    } catch (error) {
      // The text of a syntax error shows a part of the file.
      return [error instanceof SyntaxError ? 'is no JSON' : `cannot be read: ${toldError(error)}`]
    }
  }

  #warn(problems: readonly string[]): void {
    if (problems.length === 0) return
    const whose = `${this.#what} '${this.#path}'`
    this.#gateway.faults.warn(
      whose,
      `is not taken, and what was read before holds: ${problems.join('; ')}`,
      null
    )
  }
}

/** Opens a file for a scheme, which keeps it over changes of the configuration. */
export function openFile<T>(
  { keep, gateway, problems, at }: FileOwner,
  path: string,
  refreshMs: number,
  what: string,
  read: (json: unknown) => Read<T>
): WatchedFile<T> {
  const file = keep(`file ${refreshMs} ${path}`, () => new WatchedFile(path, refreshMs, gateway, what, read))
  for (const problem of file.problems) problems.push(`${at}.file: '${path}': ${problem}`)
  return file
}

interface FileOwner {
  readonly gateway: Gateway
  readonly problems: string[]
  readonly at: string
  keep<T extends object>(part: string, create: () => T): T
}
