import { maskedQuery } from '../config/shown-url.js'

/** The health of an endpoint. `degraded`: it works, but others are preferred. */
export type EndpointHealth = 'unknown' | 'healthy' | 'degraded' | 'unhealthy' | 'ejected'

/**
 * One address of a pool, with the live state that policies read. The object survives every configuration
 * change that keeps its pool and URL, so state kept on it, or in a `WeakMap` keyed by it, survives too.
 */
export class Endpoint {
  /** The normalised base URL; unique within the pool. */
  readonly url: string
  /** The URL without its query, which may hold a secret: for logs, metrics and spans. */
  readonly name: string
  /** The URL with the values of its query as `***`: for people, who see what the query is made of. */
  readonly shown: string
  readonly poolId: string
  /** `http://host:port`, without the base path. */
  readonly origin: string
  /** The authority sent in `Host`: the configured one, else the URL's host and port. */
  readonly host: string
  /** {@link host} without its port and brackets: the name for SNI and for verification. */
  readonly serverName: string
  /** Base path without a trailing slash; `''` for none. Put in front of every forwarded path. */
  readonly basePath: string
  /** Query of the base URL with its `?`; `''` for none. */
  readonly baseQuery: string
  /** What policies go by: {@link share} × {@link ramp}. Relative to its peers; 0 drains: no new requests. */
  weight: number
  /** The weight as listed or set by hand, from 0 to 65535. Default 1. */
  share: number
  #listed: number
  #byHand: number | null = null
  /** How much of its share it gets for now, above 0 and at most 1: less while it starts slowly. */
  ramp = 1
  /** Its health. Written by `@gatewright/health`; `unknown` without it. */
  health: EndpointHealth = 'unknown'
  /**
   * When the certificate it has shown last ends, in milliseconds since the epoch; 0 while none was seen. Written by
   * `@gatewright/proxy`.
   */
  certificateEndsAt = 0
  /** No new requests while true; those in flight finish. */
  draining = false
  /** Attempts under way now. */
  inFlight = 0
  /** Attempts begun since the process started. */
  started = 0

  /** `authority` is a host with an optional port; `''` for that of the URL. */
  constructor(poolId: string, url: URL, weight: number, authority = '') {
    this.poolId = poolId
    this.url = endpointUrl(url)
    this.name = this.url.slice(0, this.url.length - url.search.length)
    this.shown = this.name + maskedQuery(url.search)
    this.origin = url.origin
    this.host = hostOf(url, authority)
    this.serverName = new URL(`${url.protocol}//${this.host}`).hostname.replace(/^\[|\]$|\.$/g, '')
    this.basePath = url.pathname.replace(/\/+$/, '')
    this.baseQuery = url.search
    this.weight = this.share = this.#listed = weight
  }

  /** Sets the weight by hand; `null` for the listed one again. */
  weigh(byHand: number | null): void {
    this.#byHand = byHand
    this.#weigh()
  }

  /** Sets the weight in the list, which counts while none is set by hand. */
  list(weight: number): void {
    this.#listed = weight
    this.#weigh()
  }

  #weigh(): void {
    this.share = this.#byHand ?? this.#listed
    this.weight = this.share * this.ramp
  }

  /** Sets how much of its share it gets for now: above 0, at most 1. */
  rampTo(ramp: number): void {
    this.ramp = ramp
    this.weight = this.share * ramp
  }

  /** Whether new requests may go here: weighted above 0 and not draining. */
  get open(): boolean {
    return this.weight > 0 && !this.draining
  }
}

/** The `Host` value for a URL and a checked authority (`''` for none), without the scheme's default port. */
export function hostOf(url: URL, authority: string): string {
  return authority === '' ? url.host : new URL(`${url.protocol}//${authority}`).host
}

/** The text by which an endpoint is known: its URL without a trailing slash. */
export function endpointUrl(url: URL): string {
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${url.search}`
}
