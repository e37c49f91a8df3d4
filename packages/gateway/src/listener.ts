import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ServerOptions } from '@gatewright/core'
import { durationMs, endLingering, problem, REASONS, type Reason, sizeBytes } from '@gatewright/core'
import type { FastifyHttpOptions, FastifyInstance } from 'fastify'
import { endHalfClosed } from './half-closed.js'
import { HttpServer } from './http-server.js'
import { handleInOrder } from './in-order.js'
import { joinWrites } from './joined-writes.js'

/** Fastify options for the client side: every time and size is bounded. */
export function listenerOptions({ server = {} }: ServerOptions): FastifyHttpOptions<Server> {
  const ms = (text: string | undefined, otherwise: string): number => durationMs(text ?? otherwise) as number
  const requestTimeout = ms(server.requestTimeout, '5m')
  // A head is part of its request: Node wants no more time for the one than for the other.
  const headersTimeout = Math.min(
    ms(server.headersTimeout, '15s'),
    requestTimeout || Number.POSITIVE_INFINITY
  )
  const http = {
    headersTimeout,
    requestTimeout,
    keepAliveTimeout: ms(server.keepAliveTimeout, '72s'),
    // The gateway refuses a request without Host itself: Node would go on to the request behind it.
    requireHostHeader: false,
    maxHeaderSize: sizeBytes(server.maxHeaderSize ?? '16KiB') as number,
    connectionsCheckingInterval: Math.max(50, Math.min(5_000, Math.round(headersTimeout / 3)))
  }
  return {
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Fastify would make another one for every address that `localhost` has, and tell nobody.
    serverFactory: (handle) =>
      Object.assign(new HttpServer(http, handle), {
        maxRequestsPerSocket: server.maxRequestsPerSocket ?? 10_000
      }),
    clientErrorHandler: answerClientError
  }
}

/** What Node's server needs that Fastify has no option for. */
export function tuneServer({ server }: FastifyInstance, { server: options = {} }: ServerOptions): void {
  const onEnd = endHalfClosed(durationMs(options.halfClosedTimeout ?? '1s') as number)
  // Node would drop what is beyond its count; the gateway refuses it (`maxHeaders`).
  server.maxHeadersCount = 0
  // A client that has sent its request and closed its side still gets its answer.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('connection', (socket: Socket) => {
    joinWrites(socket)
    socket.on('end', onEnd)
  })
  server.prependListener('request', endAfterMost)
  handleInOrder(server, options.pipelining ?? 1)
  server.on('checkContinue', continueWhenRead)
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {}).resume()
    answerRaw(socket, 'method_not_allowed')
  })
}

// Node says so to the client when a connection has had its most requests, but leaves it open; and nobody knows better
// than its owner that a server is about to stop.
function endAfterMost(
  this: HttpServer,
  _request: IncomingMessage,
  response: ServerResponse & { readonly maxRequestsOnConnectionReached?: boolean }
): void {
  if (this.lastAnswers || response.maxRequestsOnConnectionReached === true) response.shouldKeepAlive = false
}

// The client is told to send its body once somebody reads it: a request that is refused is never sent in full.
function continueWhenRead(
  this: FastifyInstance['server'],
  request: IncomingMessage,
  response: ServerResponse
): void {
  request.once('resume', () => {
    if (!response.headersSent) response.writeContinue()
  })
  this.emit('request', request, response)
}

const BY_CODE: Record<string, Reason> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout'
}

const kFollowed = Symbol('gatewright.followed')

/** A connection, with Node's reference to the answer it owes next. */
type Answering = Socket & { readonly _httpMessage?: (ServerResponse & { [kFollowed]?: true }) | null }

function answerClientError(error: Error & { code?: string }, socket: Answering): void {
  const due = socket._httpMessage
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') {
    socket.destroy()
  } else if (due?.req.complete === true) {
    // What cannot be read stands behind a whole request, whose answer comes first.
    if (due[kFollowed] === true) return
    due[kFollowed] = true
    due.once('finish', () => answerClientError(error, socket))
  } else if (due?.headersSent === true) {
    // Another answer would be taken for a part of the one that has begun.
    socket.destroy()
  } else if (!socket.writableEnded) {
    answerRaw(socket, BY_CODE[error.code ?? ''] ?? 'request_rejected')
  }
}

// There is no request, and so no reply, for what the parser could not read.
function answerRaw(socket: Socket, reason: Reason): void {
  const { status, title } = REASONS[reason]
  const body = problem(reason, '')
  socket.write(
    `HTTP/1.1 ${status} ${title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`
  )
  endLingering(socket)
}
