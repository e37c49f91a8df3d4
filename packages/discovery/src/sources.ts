import { Resolver } from 'node:dns/promises'
import { durationMs, type Timers } from '@gatewright/core'
import type { DiscoverySource } from './config/callbacks.js'
import type { DiscoveryConfig } from './config/config.js'
import { type DnsSettings, type Lookup, lookUp } from './dns-source.js'
import { FileSource } from './file-source.js'
import type { Found, Source } from './source-loop.js'

/** Creates the source of a validated `discovery`. */
export function sourceOf(config: DiscoveryConfig, timers: Timers): Source {
  if ('file' in config) return new FileSource(config.file, timers)
  if ('source' in config) return { find: (signal) => ofOwn(config.source, signal) }
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  if (config.server !== undefined) resolver.setServers([config.server])
  return { find: () => once(resolver as unknown as Lookup, dnsSettings(config)) }
}

async function* once(lookup: Lookup, settings: DnsSettings): AsyncGenerator<Found> {
  yield await lookUp(lookup, settings)
}

async function* ofOwn(source: DiscoverySource, signal: AbortSignal): AsyncGenerator<Found> {
  for await (const endpoints of source(signal)) yield { endpoints, freshMs: null }
}

/** Resolves a validated lookup. */
function dnsSettings(config: Extract<DiscoveryConfig, { dns: string }>): DnsSettings {
  const {
    dns,
    type = 'A',
    port = 0,
    protocol = 'http',
    authority = '',
    minRefresh = '5s',
    maxRefresh = '5m'
  } = config
  const minRefreshMs = durationMs(minRefresh) as number
  return {
    name: dns,
    type,
    port,
    protocol,
    authority,
    minRefreshMs,
    maxRefreshMs: Math.max(minRefreshMs, durationMs(maxRefresh) as number)
  }
}
