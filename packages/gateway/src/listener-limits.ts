import { type ChangePart, durationMs, sizeBytes } from '@gatewright/core'
import type { FastifyInstance } from 'fastify'
import type { ListenerConfig, ServerOptions } from './config/config.js'

/** Times, in milliseconds, and sizes of the client side: those of Node's server by its names, and our own. */
export interface ListenerLimits {
  readonly http: {
    readonly headersTimeout: number
    readonly requestTimeout: number
    readonly keepAliveTimeout: number
    readonly maxHeaderSize: number
    readonly maxRequestsPerSocket: number
  }
  readonly halfClosedMs: number
  /** Requests of one connection that run at one time. */
  readonly pipelining: number
}

/** The limits that a configuration asks for, with the defaults. */
export function listenerLimits(server: ListenerConfig = {}): ListenerLimits {
  const ms = (text: string | undefined, otherwise: string): number => durationMs(text ?? otherwise) as number
  const requestTimeout = ms(server.requestTimeout, '5m')
  return {
    http: {
      // A head is part of its request: Node wants no more time for the one than for the other.
      headersTimeout: Math.min(ms(server.headersTimeout, '15s'), requestTimeout || Number.POSITIVE_INFINITY),
      requestTimeout,
      keepAliveTimeout: ms(server.keepAliveTimeout, '72s'),
      maxHeaderSize: sizeBytes(server.maxHeaderSize ?? '16KiB') as number,
      maxRequestsPerSocket: server.maxRequestsPerSocket ?? 10_000
    },
    halfClosedMs: ms(server.halfClosedTimeout, '1s'),
    pipelining: server.pipelining ?? 1
  }
}

/** The limits in force. */
export interface CurrentLimits {
  current: ListenerLimits
}

/** Puts the limits of a changed configuration in force: Node reads its own from the server whenever it needs one. */
export function listenerPart(app: FastifyInstance, limits: CurrentLimits): ChangePart {
  return {
    name: 'server',
    prepare(next, previous) {
      // The server was made with those of the start.
      if (previous === null) return
      const changed = listenerLimits((next.config as ServerOptions).server)
      return {
        commit() {
          limits.current = changed
          Object.assign(app.server, changed.http)
        }
      }
    }
  }
}
