import type { Exchange } from './exchange-type.js'
import type { AttemptRecord } from './outcome.js'

/** What an edit may read of a request: an exchange, or what `explain` knows of one. */
export type EditedRequest = Pick<
  Exchange,
  | 'id'
  | 'method'
  | 'path'
  | 'query'
  | 'upstreamQuery'
  | 'ingress'
  | 'params'
  | 'identity'
  | 'route'
  | 'pool'
  | 'traceId'
  | 'upstreamHeaders'
>

/**
 * Changes what every attempt of a route sends upstream. Asked for each attempt, so that it sees the pool it goes to. Must not
 * throw: by then a connection is taken.
 */
export interface RequestEdit {
  /** Names it in `explain()`. */
  readonly name: string
  /**
   * The client's end-to-end fields, as `[name, value, …]` in the order and spelling received. Returns `fields` or a new list.
   * What hooks set (`exchange.forwardHeader`), and what the gateway itself says, comes after it and cannot be changed.
   */
  headers?(fields: readonly string[], request: EditedRequest): readonly string[]
  /** `Host`; `''` to leave it as it is. */
  host?(request: EditedRequest): string
  /** The query with its `?`, `''` for none; returns the same or another. */
  query?(query: string, request: EditedRequest): string
}

/** The head of a response, which an edit changes in place. */
export interface EditedHead {
  /** 200 to 599. With 204 the body is not relayed. Of an answer of the gateway's own it cannot be changed. */
  status: number
  /**
   * `[name, value, …]`: names in lower case; a repeated field's values in an array. Framing and hop-by-hop fields are not to
   * be changed.
   */
  headers: (string | string[])[]
}

/**
 * Changes the head of the response that a client gets: once, when no other attempt can follow, and before `onSend` hooks see
 * it. What hooks and the gateway itself add to an upstream's answer comes after it. Must not throw.
 */
export interface ResponseEdit {
  /** Names it in `explain()`. */
  readonly name: string
  /** `attempt`: whose answer it is; `null` for an answer of the gateway's own. */
  edit(head: EditedHead, exchange: Exchange, attempt: AttemptRecord | null): void
}
