import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type CoreReason, cutShort } from '@gatewright/core'
import type { FastifyHttpOptions, FastifyInstance } from 'fastify'
import { createCutOff } from './cut-off.js'
import { endHalfClosed } from './half-closed.js'
import { HttpServer } from './http-server.js'
import { handleInOrder } from './in-order.js'
import { joinWrites } from './joined-writes.js'
import type { CurrentLimits, ListenerLimits } from './listener-limits.js'
import { createRefusals, type Refuse } from './refusals.js'

/** Fastify options for the client side: every time and size is bounded. */
export function listenerOptions({ http }: ListenerLimits): FastifyHttpOptions<Server> {
  const { maxRequestsPerSocket, ...others } = http
  const options = {
    ...others,
    // The gateway refuses a request without Host itself: Node would go on to the request behind it.
    requireHostHeader: false,
    connectionsCheckingInterval: Math.max(50, Math.min(1_000, Math.round(http.headersTimeout / 3)))
  }
  return {
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    // Fastify would silently make another server for every address of `localhost`.
    serverFactory: (handle) => Object.assign(new HttpServer(options, handle), { maxRequestsPerSocket }),
    // A native route whose parameter may not be longer would leave the request to the table. URLs have a limit anyway.
    routerOptions: { maxParamLength: Number.MAX_SAFE_INTEGER },
    // The listener that `tuneServer` adds answers.
    clientErrorHandler: () => {}
  }
}

/** What Node's server needs that Fastify has no option for. Returns what cuts off all that is in flight. */
export function tuneServer(app: FastifyInstance, limits: CurrentLimits): () => void {
  const { server } = app
  const refuse = createRefusals(app)
  const onEnd = endHalfClosed(() => limits.current.halfClosedMs)
  // Node would drop fields beyond its count; the gateway refuses them (`maxHeaders`).
  server.maxHeadersCount = 0
  // A client that has sent its request and closed its side still gets its response.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('connection', (socket: Socket) => {
    joinWrites(socket)
    socket.on('end', onEnd)
  })
  server.prependListener('request', endAfterMost)
  handleInOrder(server, () => limits.current.pipelining)
  server.on('checkContinue', continueWhenRead)
  server.on('clientError', (error, socket) => respondToClientError(error, socket as Socket, refuse))
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => {}).resume()
    respondToConnect(request, socket, refuse)
  })
  return createCutOff(app, refuse)
}

// Node announces when a connection has reached its maximum of requests, but leaves it open; and no one knows better
// than its owner that a server is about to stop.
function endAfterMost(
  this: HttpServer,
  _request: IncomingMessage,
  response: ServerResponse & { readonly maxRequestsOnConnectionReached?: boolean }
): void {
  if (this.lastResponses || response.maxRequestsOnConnectionReached === true) response.shouldKeepAlive = false
}

// The client is asked for its body when it is read: a refused request is never sent in full.
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

const BY_CODE: Record<string, CoreReason> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout'
}

/** A parser error; for a request in several packets, `rawPacket` is the last one. */
type Unreadable = Error & { readonly code?: string; readonly rawPacket?: Buffer }

const LATER_VERSION = / HTTP\/[2-9]\.\d\r\n/

function reasonOf({ code = '', rawPacket }: Unreadable): CoreReason {
  if (code === 'HPE_INVALID_VERSION' && LATER_VERSION.test(rawPacket?.toString('latin1') ?? ''))
    return 'http_version_not_supported'
  return BY_CODE[code] ?? 'request_rejected'
}

const kFollowed = Symbol('gatewright.followed')

/** A connection, with Node's reference to the response it owes next. */
type Answering = Socket & { readonly _httpMessage?: (ServerResponse & { [kFollowed]?: true }) | null }

/** The connection has ended within a message. */
const LEFT = 'HPE_INVALID_EOF_STATE'

function respondToClientError(error: Unreadable, socket: Answering, refuse: Refuse): void {
  const due = socket._httpMessage
  if (error.code === 'ECONNRESET' || error.code === 'EPIPE') {
    socket.destroy()
  } else if (error.code === LEFT && due != null && !due.req.complete) {
    // Who closes within the request is not there for a response, and has not sent anything that would be wrong.
    socket.destroy()
  } else if (due?.req.complete === true) {
    // What cannot be read stands behind a whole request, whose response comes first.
    if (due[kFollowed] === true) return
    due[kFollowed] = true
    due.once('finish', () => respondToClientError(error, socket, refuse))
  } else if (due?.headersSent === true) {
    // Another answer would be taken for a part of the one that has begun.
    cutShort(due, reasonOf(error), error.code ?? error.message, 0)
    socket.destroy()
  } else if (!socket.writableEnded) {
    refuse(socket, reasonOf(error), error.code ?? error.message, null)
  }
}

// It may stand behind requests whose answers come first.
function respondToConnect(request: IncomingMessage, socket: Answering, refuse: Refuse): void {
  const due = socket._httpMessage
  if (due != null) due.once('finish', () => respondToConnect(request, socket, refuse))
  else if (!socket.writableEnded) refuse(socket, 'method_not_allowed', 'CONNECT', request)
}
