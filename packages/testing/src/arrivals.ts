import { type Deferred, deferred } from './deferred.js'

/** Things that arrive one after the other, each of which can be awaited by its number before it is there. */
export class Arrivals<T> {
  /** The received items, in order. */
  readonly all: T[] = []
  readonly #awaited = new Map<number, Deferred<T>>()

  add(item: T): void {
    this.#awaited.get(this.all.push(item))?.resolve(item)
  }

  /** The `n`th arrival, counted from 1, as soon as it is there. */
  nth(n: number): Promise<T> {
    const arrived = this.all[n - 1]
    if (arrived !== undefined) return Promise.resolve(arrived)
    const awaited = this.#awaited.get(n) ?? deferred<T>()
    this.#awaited.set(n, awaited)
    return awaited.promise
  }
}
