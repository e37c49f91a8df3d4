import type { Exchange } from './exchange-type.js'

/**
 * What features find out about an exchange, by name. A feature adds its own, and says with `gateway.facts.add` how they are
 * read and where they are shown:
 *
 * ```ts
 * declare module '@gatewright/core' {
 *   interface ExchangeFacts {
 *     tenant: string
 *   }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: features merge into it
export interface ExchangeFacts {}

/** The value of a fact; `null` where there is none. */
export type FactValue = string | number | boolean | null

/**
 * A fact about exchanges: access log, metrics, spans and the flight recorder know features by these. Each of them reads it
 * once, when the exchange has ended.
 */
export interface Fact<Value extends FactValue = FactValue> {
  /** As in {@link ExchangeFacts}: lower camel case. */
  readonly name: string
  /** Its value; `null` for none. One that throws is reported, and its value is `null`. */
  read(exchange: Exchange): Value | null
  /**
   * The keys of the configuration that it comes from. Where none of them is on, for the gateway or for a route, no line of the
   * log has its field, and it is not read. Default: it is always there.
   */
  readonly keys?: readonly string[]
  /** Its field in the access log: lower case, words joined by `_`. Default: none. */
  readonly log?: string
  /** The attribute of the request's span: lower case, with dots. Default: none. */
  readonly attribute?: string
  /** Whether the spans of attempts have the attribute too, with its value when they begin. Default false. */
  readonly ofAttempts?: boolean
  /** Counts requests by route and value. The values must be few. Default: not counted. */
  readonly counter?: {
    /** By the rules of Prometheus: lower case, `_total` at its end. */
    readonly name: string
    /** One sentence. */
    readonly help: string
    /** The label of the value; the one before it is `route`. */
    readonly label: string
  }
  /** A sentence for how a request went (`why(requestId)`); not asked where there is no value. Default: nothing is said, as for `''`. */
  note?(value: Value): string
}
