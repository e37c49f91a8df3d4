import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import { type Endpoint, GatewayError, type PoolSettings, processTimers, waitFor } from '@gatewright/core'
import type { buildConnector } from 'undici'
import type { ReadBuffers } from './read-buffers.js'
import type { TlsContext } from './tls-context.js'

/** Makes a connection and reports once; destroying the socket it returns cancels it. */
export type Connect = (target: buildConnector.Options, done: buildConnector.Callback) => Socket

/** How the connections to the endpoints of a pool are made. */
export interface ConnectorSettings {
  /** Those of the newest configuration that has them made so. */
  readonly settings: PoolSettings
  readonly tls: TlsContext
}

/**
 * Makes connections to one endpoint: TCP within `connectMs`, then TLS within `tlsHandshakeMs`. The certificate
 * is verified against the configured name or the endpoint's own, never against a name a client sent.
 */
export function createConnector(made: ConnectorSettings, endpoint: Endpoint, buffers: ReadBuffers): Connect {
  let session: Buffer | undefined
  const { rejectUnauthorized, servername = endpoint.serverName } = made.tls.settings

  function secured(tcp: Socket): TLSSocket {
    return connectTls({
      secureContext: made.tls.context,
      socket: tcp,
      host: servername,
      ...(isIP(servername) === 0 ? { servername } : {}),
      ...(session === undefined ? {} : { session }),
      rejectUnauthorized,
      ALPNProtocols: ['http/1.1']
    })
  }

  return function connect({ hostname, protocol, port }, callback) {
    const { timeouts } = made.settings
    const secure = protocol === 'https:'
    const tcp = connectTcp({
      host: hostname,
      port: Number(port) || (secure ? 443 : 80),
      noDelay: true,
      ...(secure ? {} : { onread: buffers.onread() })
    })
    tcp.setKeepAlive(true, 60_000)
    const settle = once(callback)
    within(tcp, timeouts.connectMs, 'the TCP connection took too long', settle)
    tcp.once('connect', () => {
      if (!secure) return settle(null, tcp)
      let socket: TLSSocket
      try {
        socket = secured(tcp)
      } catch (error) {
        // Nothing above this listener would catch it.
        settle(error as Error, null)
        tcp.destroy()
        return
      }
      within(socket, timeouts.tlsHandshakeMs, 'the TLS handshake took too long', settle)
      socket.once('secureConnect', () => {
        endpoint.certificateEndsAt = Date.parse(socket.getPeerX509Certificate()?.validTo ?? '') || 0
        settle(null, socket)
      })
      socket.on('session', (ticket) => {
        session = ticket
      })
    })
    return tcp
  }
}

type Settle = (error: Error | null, socket: Socket | null) => void

// A socket reports its failure, its time limit and its success; the first one counts.
function once(callback: buildConnector.Callback): Settle {
  let settled = false
  return (error, socket) => {
    if (settled) return
    settled = true
    if (error !== null) callback(error, null)
    else callback(null, socket as Socket)
  }
}

function within(socket: Socket, limitMs: number, detail: string, settle: Settle): void {
  const expire = (): void => {
    settle(new GatewayError('upstream_connect_timeout', { detail }), null)
    socket.destroy()
  }
  const stop = limitMs > 0 ? waitFor(processTimers, limitMs, expire, true) : (): void => {}
  socket.once('connect', stop).once('secureConnect', stop).once('close', stop)
  socket.on('error', (error) => {
    stop()
    settle(error, null)
  })
}
