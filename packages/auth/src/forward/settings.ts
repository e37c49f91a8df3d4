import { sizeBytes } from '@gatewright/core'
import type { ForwardIdentityConfig, ForwardSchemeConfig } from '../config/config.js'
import { durationOf } from '../duration-of.js'

/** Settings of a forward scheme: nothing optional, names in lower case. */
export interface ForwardSettings {
  readonly pool: string
  readonly path: string
  readonly appendPath: boolean
  readonly method: 'GET' | 'POST' | 'same'
  readonly requestHeaders: ReadonlySet<string>
  readonly responseHeaders: ReadonlySet<string>
  readonly refusalHeaders: ReadonlySet<string>
  readonly identity: ForwardIdentityConfig | null
  /** Most bytes of the body that is sent; 0 for none. */
  readonly bodyBytes: number
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly failOpen: boolean
  readonly cache: {
    readonly ttlMs: number
    readonly deniedMs: number
    readonly by: readonly string[]
    readonly maxEntries: number
  } | null
}

const REQUEST = ['authorization', 'cookie']
const REFUSAL = ['www-authenticate', 'location', 'set-cookie', 'content-type', 'retry-after']
const PARTS = [':method', ':host', ':path', ':query', ':client']

/** Settings of a configuration that has been checked. */
export function forwardSettings(config: ForwardSchemeConfig): ForwardSettings {
  const { pool, path = '/', appendPath = false, body, identity, cache } = config
  const requestHeaders = lowered(config.requestHeaders ?? REQUEST)
  return {
    pool,
    path,
    appendPath,
    method: config.method ?? (body === undefined ? 'GET' : 'POST'),
    requestHeaders,
    responseHeaders: lowered(config.responseHeaders ?? []),
    refusalHeaders: lowered(config.refusalHeaders ?? REFUSAL),
    identity: identity === undefined ? null : loweredIdentity(identity),
    bodyBytes: body === undefined ? 0 : (sizeBytes(body) as number),
    timeoutMs: durationOf(config.timeout ?? '2s'),
    maxResponseBytes: sizeBytes(config.maxResponse ?? '64KiB') as number,
    failOpen: config.failMode === 'open',
    cache:
      cache === undefined
        ? null
        : {
            ttlMs: durationOf(cache.ttl),
            deniedMs: durationOf(cache.denied ?? '0ms'),
            by: [...lowered(cache.by ?? [...PARTS, ...requestHeaders])],
            maxEntries: cache.maxEntries ?? 10_000
          }
  }
}

function lowered(names: Iterable<string>): ReadonlySet<string> {
  return new Set([...names].map((name) => name.toLowerCase()))
}

function loweredIdentity(identity: ForwardIdentityConfig): ForwardIdentityConfig {
  return Object.fromEntries(
    Object.entries(identity).map(([key, name]) => [key, (name as string).toLowerCase()])
  ) as unknown as ForwardIdentityConfig
}
