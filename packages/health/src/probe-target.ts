import { isIP } from 'node:net'
import { type ConnectionOptions, checkServerIdentity } from 'node:tls'
import { type Endpoint, hostOf, type TlsSettings } from '@gatewright/core'

/** Where and how an endpoint is probed. */
export interface ProbeTarget {
  readonly endpoint: Endpoint
  /** The whole URL to ask. */
  readonly url: URL
  /** What is sent in `Host`: a probe is meant for the same server as the requests. */
  readonly host: string
  /** Options for TLS, with the name that is sent and verified. */
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
  // Another port of the same machine goes by the same name; another machine by its own.
  const sameMachine = url.hostname === new URL(endpoint.origin).hostname
  const host = sameMachine ? hostOf(url, withPort(endpoint.host, url.port)) : url.host
  const name = tls.servername ?? (sameMachine ? endpoint.serverName : addressOf(url))
  return {
    endpoint,
    url,
    host: healthUrl === undefined ? endpoint.host : host,
    tls: {
      ...tls,
      // A name that is an address is not sent (RFC 6066, section 3), and is verified all the same.
      servername: isIP(name) === 0 ? name : '',
      checkServerIdentity: (_host, certificate) => checkServerIdentity(name, certificate)
    }
  }
}

/** The host of a URL as sockets take it: an IPv6 address without brackets. */
export function addressOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function withPort(host: string, port: string): string {
  const name = host.replace(/:\d+$/, '')
  return port === '' ? name : `${name}:${port}`
}
