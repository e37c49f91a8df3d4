import { durationMs, sizeBytes } from '@gatewright/core'
import type { BreakerSettings } from './breaker.js'
import type {
  ExtAuthzFilter,
  ExtAuthzHttpFilter,
  FiltersConfig,
  FunctionFilter,
  ServiceFilter,
  StructuredLoggerFilter
} from './config/config.js'
import type { FilterFunctions } from './filter.js'
import type { TlsOptions } from './grpc/dial.js'
import { matcher, teller } from './header-patterns.js'

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

/** What every filter has that is asked. */
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

/** Whether a header field is meant, by its name in lower case. */
type Names = (name: string) => boolean

/** `ext_authz`, with nothing optional. */
interface ExtAuthzSettings extends CommonSettings {
  readonly type: 'ext_authz'
  readonly service: ServiceSettings
  readonly contextExtensions: Readonly<Record<string, string>>
  readonly tells: Names
}

/** `ext_authz_http`. */
export interface ExtAuthzHttpSettings extends CommonSettings {
  readonly type: 'ext_authz_http'
  readonly pool: string
  readonly pathPrefix: string
  readonly tells: Names
  readonly headersToAdd: Readonly<Record<string, string>>
  readonly toUpstream: Names
  readonly toClientDenied: Names
  readonly toClientAllowed: Names
  readonly maxBytes: number
}

/** `service`. */
export interface TwoPhaseSettings extends CommonSettings {
  readonly type: 'service'
  readonly service: ServiceSettings
  readonly phases: ReadonlySet<string>
  readonly context: Readonly<Record<string, string>>
  readonly tells: Names
}

/** `function`. */
interface FunctionSettings extends CommonSettings {
  readonly type: 'function'
  readonly functions: FilterFunctions
}

/** `structured_logger`, which is not asked. */
export interface LoggerSettings {
  readonly type: 'structured_logger'
  readonly name: string
  readonly observe: false
  readonly level: 'debug' | 'info' | 'warn'
  readonly headers: readonly string[]
  readonly metadata: boolean
}

/** A filter that is asked. */
export type AskedSettings = ExtAuthzSettings | ExtAuthzHttpSettings | TwoPhaseSettings | FunctionSettings

/** A filter's settings. */
export type FilterSettings = AskedSettings | LoggerSettings

const NONE: readonly FilterSettings[] = []
const PHASES = {
  request: new Set(['request']),
  response: new Set(['response']),
  both: new Set(['request', 'response'])
} as const
const REFUSAL = [
  'www-authenticate',
  'location',
  'set-cookie',
  'content-type',
  'content-encoding',
  'retry-after'
]

/** Settings of a validated `filters`; `null` for `false`. */
export function resolveFilters(config: FiltersConfig | undefined): readonly FilterSettings[] | null {
  if (config === false) return null
  return config === undefined ? NONE : config.map(settingsOf)
}

function settingsOf(config: Exclude<FiltersConfig, false>[number]): FilterSettings {
  switch (config.type) {
    case 'ext_authz':
      return {
        type: config.type,
        ...commonOf(config),
        service: serviceOf(config),
        contextExtensions: config.contextExtensions ?? {},
        tells: teller(config.allowedHeaders, config.disallowedHeaders)
      }
    case 'ext_authz_http':
      return httpOf(config)
    case 'service':
      return {
        type: config.type,
        ...commonOf(config),
        service: serviceOf(config),
        phases: PHASES[config.phases ?? 'request'],
        context: config.context ?? {},
        tells: teller(config.allowedHeaders, config.disallowedHeaders)
      }
    case 'function':
      return { type: config.type, ...commonOf({ breaker: false, ...config }), functions: functionsOf(config) }
    case 'structured_logger':
      return loggerOf(config)
  }
}

function httpOf(config: ExtAuthzHttpFilter): ExtAuthzHttpSettings {
  return {
    type: config.type,
    ...commonOf(config),
    pool: config.pool,
    pathPrefix: config.pathPrefix ?? '',
    tells: matcher(['authorization', ...(config.allowedHeaders ?? [])]),
    headersToAdd: config.headersToAdd ?? {},
    toUpstream: matcher(config.allowedUpstreamHeaders ?? []),
    toClientDenied: matcher([...REFUSAL, ...(config.allowedClientHeaders ?? [])]),
    toClientAllowed: matcher(config.allowedClientHeadersOnSuccess ?? []),
    maxBytes: sizeBytes(config.maxMessage ?? '64KiB') as number
  }
}

/** What filters that are asked have in common. */
interface Common
  extends Pick<ExtAuthzFilter, 'name' | 'mode' | 'failMode' | 'timeout' | 'body' | 'writes' | 'breaker'> {
  readonly type: string
}

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

function serviceOf(config: ExtAuthzFilter | ServiceFilter): ServiceSettings {
  const { target, tls = null, keepAlive = '0ms', metadata = {}, maxMessage = '64KiB' } = config
  return {
    url: new URL(target),
    tls: tls as TlsOptions | null,
    keepAliveMs: durationMs(keepAlive) as number,
    metadata,
    maxBytes: sizeBytes(maxMessage) as number
  }
}

function functionsOf({ request, response }: FunctionFilter): FilterFunctions {
  return { ...(request === undefined ? {} : { request }), ...(response === undefined ? {} : { response }) }
}

function loggerOf({
  type,
  name = type,
  level = 'info',
  headers = [],
  metadata = false
}: StructuredLoggerFilter): LoggerSettings {
  return { type, name, observe: false, level, headers, metadata }
}
