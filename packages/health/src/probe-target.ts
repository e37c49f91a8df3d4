import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import { type Endpoint, hostOf, type Pool, type TlsSettings } from '@gatewright/core'
import type { ProbeSettings } from './settings.js'

/** Where and how an endpoint is probed. */
export interface ProbeTarget {
  readonly endpoint: Endpoint
  /** The URL to probe. */
  readonly url: URL
  /** The `Host` of a probe, the same as for requests. */
  readonly host: string
  /** TLS options, including the name for SNI and verification. */
  readonly tls: ConnectionOptions
}

/** The target of a probe: the endpoint's own URL with `path`, or its `healthUrl` in place of both. */
export function targetOf(
  endpoint: Endpoint,
  tls: TlsSettings,
  path: string,
  healthUrl?: string
): ProbeTarget {
  const url = new URL(healthUrl ?? `${endpoint.origin}${endpoint.basePath}${path}`)
  // Another port of the same host uses the same name; another host uses its own.
  const sameMachine = url.hostname === new URL(endpoint.origin).hostname
  const host = sameMachine ? hostOf(url, withPort(endpoint.host, url.port)) : url.host
  const name = tls.servername ?? (sameMachine ? endpoint.serverName : addressOf(url))
  return {
    endpoint,
    url,
    host: healthUrl === undefined ? endpoint.host : host,
    tls: {
      ...tls,
      // An IP address is not sent as SNI (RFC 6066, section 3), but is verified.
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate)
    }
  }
}

/** The target of a probe of an endpoint of a pool. */
export function poolTarget(
  { config, settings }: Pool,
  endpoint: Endpoint,
  { path }: Pick<ProbeSettings, 'path'>
): ProbeTarget {
  const own = config.endpoints?.find((one) => typeof one !== 'string' && sameUrl(one.url, endpoint.url))
  return targetOf(endpoint, settings.tls, path, typeof own === 'object' ? own.healthUrl : undefined)
}

function sameUrl(configured: string, normalised: string): boolean {
  const url = new URL(configured)
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}${url.search}` === normalised
}

/** The host of a URL for a socket: an IPv6 address without brackets. */
export function addressOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function withPort(host: string, port: string): string {
  const name = host.replace(/:\d+$/, '')
  return port === '' ? name : `${name}:${port}`
}
