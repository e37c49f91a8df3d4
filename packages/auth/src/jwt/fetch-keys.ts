import type { Clock, Timers } from '@gatewright/core'
import { type JsonRequest, type JsonResponse, requestJson, type Transports } from '../tokens/json-request.js'
import { keySetOf } from './key-set.js'
import type { FetchKeys } from './remote-keys.js'

/** Where keys are published, and how they are asked for. */
export interface KeyAddress {
  /** Of the key set, or of the issuer whose discovery document names it. */
  readonly url: URL
  /** The issuer, exactly as it must stand in the discovery document; `null` where `url` is the key set's. */
  readonly issuer: string | null
  readonly timeoutMs: number
  /** Whether keys may come without TLS. */
  readonly allowHttp: boolean
  readonly ca: string | undefined
}

/** Most bytes of a key set, or of a discovery document. */
const MOST_BYTES = 512 * 1_024

/** Fetches a key set (RFC 7517), by its URL or through OpenID Connect Discovery 1.0 (section 4), which must name the same issuer. */
export function keyFetcher(
  address: KeyAddress,
  transports: Transports,
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers }
): FetchKeys {
  const { timeoutMs, ca } = address
  const requestOf = (url: URL, leftMs: number): JsonRequest => ({
    url,
    method: 'GET',
    headers: {},
    timeoutMs: Math.max(1, leftMs),
    maxBytes: MOST_BYTES,
    ca
  })
  return (previous) => {
    let abort = (): void => {}
    // Both requests share it.
    const until = clock() + timeoutMs
    const ask = (url: URL): Promise<JsonResponse> => {
      const asked = requestJson(transports, timers, requestOf(url, until - clock()))
      abort = asked.abort
      return asked.response
    }
    const fetched = async (): Promise<Awaited<ReturnType<FetchKeys>['keys']>> => {
      const url =
        address.issuer === null ? address.url : keysUrl((await ask(discoveryUrl(address.url))).value, address)
      const { value, cacheControl } = await ask(url)
      return { keys: keySetOf(value, previous), maxAgeMs: maxAgeOf(cacheControl) }
    }
    return { keys: fetched(), abort: () => abort() }
  }
}

/** The address of an issuer's discovery document. */
function discoveryUrl(issuer: URL): URL {
  const url = new URL(issuer)
  url.pathname = `${issuer.pathname.replace(/\/$/, '')}/.well-known/openid-configuration`
  return url
}

function keysUrl(document: unknown, { issuer, allowHttp }: KeyAddress): URL {
  const { issuer: named, jwks_uri: uri } = (document ?? {}) as {
    readonly issuer?: unknown
    readonly jwks_uri?: unknown
  }
  if (named !== issuer) throw new Error('the discovery document names another issuer')
  if (typeof uri !== 'string' || !URL.canParse(uri))
    throw new Error('the discovery document names no key set')
  const url = new URL(uri)
  if (url.protocol !== 'https:' && !(allowHttp && url.protocol === 'http:'))
    throw new Error('the discovery document names a key set without TLS')
  return url
}

/** `max-age` in milliseconds (RFC 9111, section 5.2.2.1); `null` for none. */
function maxAgeOf(cacheControl: string): number | null {
  const [, seconds] = /(?:^|,)\s*max-age="?(\d{1,10})"?\s*(?:,|$)/i.exec(cacheControl) ?? []
  return seconds === undefined ? null : Number(seconds) * 1_000
}
