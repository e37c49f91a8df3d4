import { AsyncResource } from 'node:async_hooks'

/** What `process.nextTick` of Node makes for each call: two ids under symbols of Node, the function, its arguments. */
interface Tick {
  readonly [id: symbol]: number
  readonly callback: unknown
  readonly args: unknown
}

const kept: Tick[] = []

/**
 * Has V8 know, before the first request, that the ids of Node's ticks may be doubles. Gives the objects that show it.
 *
 * Node's ids come out of a Float64Array. Were the first ones seen as small integers, V8 deprecates the object's shape on the
 * first double; the code of `process.nextTick` that met both shapes then calls into the runtime for each tick: 15 to 20 % of
 * a request, in most processes that load few modules. Shapes live as long as an object of theirs, so these are kept. There
 * are none where Node names its symbols otherwise.
 */
export function settleTickShape(): readonly Tick[] {
  if (kept.length > 0) return kept
  const symbols = Object.getOwnPropertySymbols(new AsyncResource('gatewright'))
  const id = symbols.find(({ description }) => description === 'async_id_symbol')
  const trigger = symbols.find(({ description }) => description === 'trigger_async_id_symbol')
  if (id === undefined || trigger === undefined) return kept
  // The same literal as Node's, so of the same shape; whole numbers first, as ids begin.
  const tick = (number: number): Tick => ({
    [id]: number,
    [trigger]: number,
    callback: noCallback,
    args: undefined
  })
  kept.push(tick(1), tick(1.5))
  return kept
}

function noCallback(): void {}
