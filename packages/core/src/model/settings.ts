import type { GatewayConfig, PoolConfig, TimeoutsConfig } from '../config/config.js'
import { durationMs } from '../config/duration.js'
import { sizeBytes } from '../config/size.js'
import type { PathSettings } from './path.js'

/** Time limits in milliseconds; 0 for none. */
export interface Timeouts {
  readonly connectMs: number
  readonly tlsHandshakeMs: number
  readonly firstByteMs: number
  readonly idleMs: number
  readonly requestIdleMs: number
  /** From the beginning of an attempt to its head. */
  readonly perTryMs: number
  readonly totalMs: number
}

/** What holds where neither route, policy nor pool says otherwise. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connectMs: 5_000,
  tlsHandshakeMs: 5_000,
  firstByteMs: 30_000,
  idleMs: 60_000,
  requestIdleMs: 30_000,
  perTryMs: 0,
  totalMs: 0
}

/** Default of `bodyLimit`: 10 MiB. */
export const DEFAULT_BODY_LIMIT: number = 10 * 1024 ** 2

/** `base` with what `config` sets. The configuration has been validated. */
export function resolveTimeouts(base: Timeouts, config: TimeoutsConfig | undefined): Timeouts {
  // Routes without limits of their own share one object: thousands of copies would not stay in the processor's caches.
  if (config === undefined || Object.keys(config).length === 0) return base
  const ms = (text: string | undefined, otherwise: number): number =>
    text === undefined ? otherwise : (durationMs(text) ?? otherwise)
  return {
    connectMs: ms(config.connect, base.connectMs),
    tlsHandshakeMs: ms(config.tlsHandshake, base.tlsHandshakeMs),
    firstByteMs: ms(config.firstByte, base.firstByteMs),
    idleMs: ms(config.idle, base.idleMs),
    requestIdleMs: ms(config.requestIdle, base.requestIdleMs),
    perTryMs: ms(config.perTry, base.perTryMs),
    totalMs: ms(config.total, base.totalMs)
  }
}

/** Limits of the connections to one endpoint. */
export interface ConnectionSettings {
  readonly max: number
  /** Of those, how many the requests of one client may have at once; 0 for no limit. */
  readonly perClient: number
  readonly keepAliveMs: number
  readonly maxQueue: number
  readonly queueTimeoutMs: number
  /** Bytes a second; 0 for none. */
  readonly minRate: number
  /** 0 for no limit. */
  readonly maxRequests: number
}

/** TLS to endpoints. An absent setting means Node's default. */
export interface TlsSettings {
  readonly ca?: string | string[]
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
  readonly minVersion: 'TLSv1.2' | 'TLSv1.3'
  readonly rejectUnauthorized: boolean
}

/** A pool's settings: nothing optional, everything checked. */
export interface PoolSettings {
  readonly timeouts: Timeouts
  readonly connections: ConnectionSettings
  readonly tls: TlsSettings
}

/** Settings of a validated pool configuration. */
export function resolvePool(config: PoolConfig): PoolSettings {
  const { connections = {}, tls = {} } = config
  const { insecureBecause, minVersion = 'TLSv1.2', ca, ...material } = tls
  return {
    timeouts: resolveTimeouts(DEFAULT_TIMEOUTS, config.timeouts),
    connections: {
      max: connections.max ?? 1_024,
      perClient: connections.perClient ?? 0,
      keepAliveMs: durationMs(connections.keepAlive ?? '4s') as number,
      maxQueue: connections.maxQueue ?? 1_024,
      queueTimeoutMs: durationMs(connections.queueTimeout ?? '1s') as number,
      minRate: sizeBytes(connections.minRate ?? '1KiB') as number,
      maxRequests: connections.maxRequests ?? 0
    },
    tls: {
      ...material,
      ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
      minVersion,
      rejectUnauthorized: insecureBecause === undefined
    }
  }
}

/** Path settings of a validated configuration. */
export function resolvePaths({ paths = {} }: Pick<GatewayConfig, 'paths'>): PathSettings {
  return {
    policy: paths.policy ?? 'reject',
    encodedSlashes: paths.encodedSlashes ?? 'reject',
    duplicateSlashes: paths.duplicateSlashes ?? 'reject'
  }
}
