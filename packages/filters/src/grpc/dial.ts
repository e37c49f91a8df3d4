import type { ClientHttp2Session } from 'node:http2'
import type { Socket } from 'node:net'
import type { ConnectionOptions } from 'node:tls'

/** Opens a connection. What goes wrong is told by the session. */
export type Dial = () => ClientHttp2Session

/** Where a filter service is. */
export interface TargetAddress {
  /** `http:` without TLS, `https:` with it, `unix:` for a socket of the file system. */
  readonly url: URL
  /** Of TLS; `null` for Node's defaults. */
  readonly tls: TlsOptions | null
}

/** Certificates of TLS to a filter service, as PEM text. */
export interface TlsOptions {
  readonly ca?: string | readonly string[]
  readonly cert?: string
  readonly key?: string
  readonly servername?: string
}

const KEEP_ALIVE_MS = 15_000
const MOST_HEADER_BYTES = 16 * 1024

/** Opens HTTP/2 connections to an address: with prior knowledge, or by ALPN with TLS. */
export function dialer({ url, tls }: TargetAddress): Dial {
  return () => {
    // Loaded when it is first needed: a gateway without external filters has no use for it.
    const { connect } = process.getBuiltinModule('node:http2')
    const options = {
      settings: { enablePush: false, maxHeaderListSize: MOST_HEADER_BYTES },
      maxReservedRemoteStreams: 0
    }
    if (url.protocol === 'unix:') {
      const { connect: connectSocket } = process.getBuiltinModule('node:net')
      const path = socketPath(url)
      return connect('http://localhost', { ...options, createConnection: () => connectSocket(path) })
    }
    const session = connect(url.origin, { ...options, ...(tls as ConnectionOptions | null) })
    session.once('connect', (_session, socket) => (socket as Socket).setKeepAlive?.(true, KEEP_ALIVE_MS))
    return session
  }
}

// A URL has spaces and the like encoded.
function socketPath({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname)
  } catch {
    return pathname
  }
}

/** What `:authority` says. */
export function authorityOf(url: URL): string {
  return url.protocol === 'unix:' ? 'localhost' : url.host
}
