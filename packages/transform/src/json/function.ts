import type { Exchange, Size } from '@gatewright/core'

/**
 * Changes a JSON value: the body, or that of a line or an event. Returns what takes its place; `undefined` for the value
 * itself, which it may have changed. It may return a promise, and throw a `GatewayError` to answer instead.
 */
// biome-ignore lint/suspicious/noExplicitAny: what a body holds is known to who writes the function
export type JsonFunction = (value: any, exchange: Exchange) => unknown

/** A function among the operations of `transform.request.json` and `transform.response.json`; made by {@link transformJson}. */
export class JsonTransform {
  readonly change: JsonFunction
  /** Largest body, decoded; `null` for the limit beside it. */
  readonly maxBytes: Size | null

  constructor(change: JsonFunction, maxBytes: Size | null) {
    this.change = change
    this.maxBytes = maxBytes
  }
}

/**
 * A function that changes JSON bodies, for `transform.request.json` and `transform.response.json`. Whole numbers beyond 2^53 are
 * `bigint`s. `maxBytes`: largest body, decoded; default 1MiB.
 *
 * @example
 * const transform = { response: { json: transformJson((user) => ({ ...user, name: `${user.first} ${user.last}` })) } }
 */
export function transformJson(
  change: JsonFunction,
  { maxBytes }: { readonly maxBytes?: Size } = {}
): JsonTransform {
  return new JsonTransform(change, maxBytes ?? null)
}
