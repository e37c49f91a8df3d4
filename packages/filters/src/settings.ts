import { durationMs, sizeBytes } from '@gatewright/core'
import type { BreakerSettings } from './breaker.js'
import type { ExtAuthzFilter, FiltersConfig } from './config/config.js'
import type { TlsOptions } from './grpc/dial.js'

/** How much of the body a filter gets. */
interface BodySettings {
  readonly maxBytes: number
  readonly partial: boolean
  readonly raw: boolean
}

/** Where a service is and how it is reached. */
export interface ServiceSettings {
  readonly url: URL
  readonly tls: TlsOptions | null
  readonly keepAliveMs: number
  /** Header fields of each call. */
  readonly metadata: Readonly<Record<string, string>>
  /** Longest answer, in bytes. */
  readonly maxBytes: number
}

/** What every filter has. */
export interface CommonSettings {
  readonly name: string
  readonly observe: boolean
  readonly failOpen: boolean
  readonly timeoutMs: number
  /** `null`: it gets no body. */
  readonly body: BodySettings | null
  readonly writes: ReadonlySet<string>
  /** `null` for none. */
  readonly breaker: BreakerSettings | null
}

/** `ext_authz`, with nothing optional. */
interface ExtAuthzSettings extends CommonSettings {
  readonly type: 'ext_authz'
  readonly service: ServiceSettings
  readonly contextExtensions: Readonly<Record<string, string>>
  /** Whether a request header is told, by its name in lower case. */
  tells(name: string): boolean
}

/** A filter's settings. */
export type FilterSettings = ExtAuthzSettings

const NONE: readonly FilterSettings[] = []

/** Settings of a validated `filters`; `null` for `false`. */
export function resolveFilters(config: FiltersConfig | undefined): readonly FilterSettings[] | null {
  if (config === false) return null
  return config === undefined ? NONE : config.map(settingsOf)
}

function settingsOf(config: ExtAuthzFilter): FilterSettings {
  const { allowedHeaders, disallowedHeaders = [], contextExtensions = {} } = config
  return {
    type: 'ext_authz',
    ...commonOf(config),
    service: serviceOf(config),
    contextExtensions,
    tells: teller(allowedHeaders, disallowedHeaders)
  }
}

/** A filter as it is configured, as far as all kinds have it. */
type Common = Pick<
  ExtAuthzFilter,
  'type' | 'name' | 'mode' | 'failMode' | 'timeout' | 'body' | 'writes' | 'breaker'
>

function commonOf(config: Common): CommonSettings {
  const { type, name = type, mode, failMode, timeout = '50ms', body, writes = [], breaker = {} } = config
  return {
    name,
    observe: mode === 'observe',
    failOpen: failMode === 'open',
    timeoutMs: durationMs(timeout) as number,
    body:
      body === undefined
        ? null
        : {
            maxBytes: sizeBytes(body.maxBytes) as number,
            partial: body.partial === true,
            raw: body.raw === true
          },
    writes: new Set(writes),
    breaker:
      breaker === false
        ? null
        : { failures: breaker.failures ?? 10, openMs: durationMs(breaker.openDuration ?? '5s') as number }
  }
}

function serviceOf(config: ExtAuthzFilter): ServiceSettings {
  const { target, tls = null, keepAlive = '0ms', metadata = {}, maxMessage = '64KiB' } = config
  return {
    url: new URL(target),
    tls: tls as TlsOptions | null,
    keepAliveMs: durationMs(keepAlive) as number,
    metadata,
    maxBytes: sizeBytes(maxMessage) as number
  }
}

function teller(
  allowed: readonly string[] | undefined,
  disallowed: readonly string[]
): (name: string) => boolean {
  const isAllowed = allowed === undefined ? () => true : matcher(allowed)
  const isDisallowed = matcher(disallowed)
  return (name) => isAllowed(name) && !isDisallowed(name)
}

function matcher(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns.filter((one) => !one.endsWith('*')))
  const beginnings = patterns.filter((one) => one.endsWith('*')).map((one) => one.slice(0, -1))
  return (name) => names.has(name) || beginnings.some((beginning) => name.startsWith(beginning))
}
