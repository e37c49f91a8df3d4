import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify'
import type { Report } from '../attempts/stage-calls.js'
import { shownTarget } from '../config/shown-url.js'
import { isRequestId, knownRequestId } from '../ingress/request-id.js'
import { readTarget, type Target } from '../ingress/target.js'
import { plainAddress } from '../ingress/trust.js'
import type { Clock } from '../model/clock.js'
import { Exchange } from '../model/exchange.js'
import { GatewayError } from '../model/gateway-error.js'
import { Ingress } from '../model/ingress-facts.js'
import { STRICT_PATHS } from '../model/path.js'
import { faultOf, nameOfPart } from '../model/plugin-fault.js'
import type { Snapshot } from '../model/snapshot.js'
import { whenResponded } from '../pipeline/run-phases.js'
import { kExchange, type Owned } from '../responses/cut-short.js'
import { isBehindLast, respondLast } from '../responses/last-response.js'
import { closeWithConnection } from '../responses/pipelined.js'
import { countSent, sentBytes } from '../responses/sent-bytes.js'
import { turnAway } from './turned-away.js'

const kTarget = Symbol('gatewright.target')
const kSnapshot = Symbol('gatewright.snapshot')

const CUT_OFF = 'cut off: the time to drain was over'

/** A path that no client can request; the server routes what it must refuse here. */
export const REFUSED_URL = '/\\refused'

type Marked = IncomingMessage & { [kTarget]?: Target; [kSnapshot]?: Snapshot }

/**
 * Fastify's `rewriteUrl` for a server of the gateway's own: the path is made canonical before Fastify routes,
 * so that its router, every hook, the log and the upstream see the same string. Never throws, as a throw there
 * would end the process.
 */
export function createRewriteUrl(snapshot: () => Snapshot | undefined): (raw: IncomingMessage) => string {
  return function rewriteUrl(raw) {
    const url = raw.url ?? '/'
    const current = snapshot()
    const target = readTarget(url, current?.paths ?? STRICT_PATHS, raw.method)
    ;(raw as Marked)[kTarget] = target
    // The configuration may change while a hook of the app's is at work.
    if (current !== undefined) (raw as Marked)[kSnapshot] = current
    if (target.kind !== 'ok') return REFUSED_URL
    return target.query === '' ? target.path : target.path + target.query
  }
}

/** What opening an exchange needs. */
export interface OpeningContext {
  readonly clock: Clock
  snapshot(): Snapshot
  /** Counts the exchanges under way. */
  readonly counter: { inFlight: number; readonly cuttingOff: boolean }
  /** Whether Fastify itself runs `onResponse` steps: some were configured at the start. */
  readonly runsOnResponse: boolean
  /** An observer threw. */
  readonly report: Report
}

/** The first hook of every gateway route: makes `request.exchange`, or refuses the request. */
export type OpenExchange = (
  request: FastifyRequest,
  reply: FastifyReply,
  done: HookHandlerDoneFunction
) => void

/** How exchanges are opened. */
export interface Opening {
  readonly open: OpenExchange
  /** Makes the exchange alone: a hook of the app's has failed before {@link open} was called. */
  readonly begin: (request: FastifyRequest, reply: FastifyReply) => unknown
}

/** Builds it. */
export function createOpening(context: OpeningContext): Opening {
  const { clock, snapshot, counter, report, runsOnResponse } = context

  function onClose(this: Owned): void {
    const exchange = this[kExchange] as Exchange
    counter.inFlight--
    exchange.complete = this.writableFinished || isInjected(this)
    if (exchange.complete) endUnneeded(exchange)
    else endUnfinished(exchange, counter.cuttingOff)
    // Nothing that belongs to it ends later.
    exchange.endedAt = clock()
    // A pipelined answer that was never its connection's turn has not been sent, whatever was written.
    const begun = this.headersSent && (exchange.complete || this.socket !== null)
    if (begun) exchange.status = this.statusCode
    else exchange.status ||= exchange.snapshot.reasons[exchange.reason ?? 'client_closed'].status
    if (exchange.thrown && exchange.status >= 500) exchange.reason ??= 'internal_error'
    if (begun) exchange.bytesSent = sentBytes(this)
    const { usage, stages } = exchange.snapshot
    for (const observer of stages.exchangeObservers) {
      try {
        observer.closed(exchange)
      } catch (error) {
        // There is no caller left to catch it: it would end the process.
        report(faultOf(nameOfPart('an observer of exchanges', observer), error), exchange)
      }
    }
    if (--usage.open === 0) usage.ended?.()
  }

  // A refusal, or the parsed target. `null`: the client has disconnected.
  function begin(request: FastifyRequest, reply: FastifyReply): GatewayError | Target | null {
    const { raw } = request
    const { [kTarget]: target = unmarked(raw, snapshot()), [kSnapshot]: current = snapshot() } = raw as Marked
    const { via, read, settings } = current.ingress
    let refusal: GatewayError | null = null
    let ingress: Ingress
    try {
      ingress = read(raw, target.authority)
      if (via !== '' && passedThrough(ingress.via, via)) refusal = new GatewayError('loop_detected')
      if (isBehindLast(raw))
        refusal = new GatewayError('request_rejected', { detail: 'behind the last answer of its connection' })
    } catch (error) {
      ingress = unread(raw)
      refusal = error instanceof GatewayError ? error : new GatewayError('internal_error', { cause: error })
    }
    const id = idOf(request, ingress)
    const response: Owned = reply.raw
    const exchange = new Exchange(id, raw, response, current, clock(), target.path, target.query, ingress)
    request.exchange = exchange
    response[kExchange] = exchange
    counter.inFlight++
    current.usage.open++
    response.on('close', onClose)
    countSent(response)
    closeWithConnection(response)
    if (current.usesOnResponse && !runsOnResponse) whenResponded(request.server, request, reply)
    if (hasLeft(raw)) {
      // A hook of the app was running: no other place reports this, or only later.
      response.off('close', onClose)
      onClose.call(response)
      return null
    }
    reply.header(settings.requestIdHeader, id)
    if (refusal === null && target.kind === 'rejected')
      refusal = new GatewayError('path_rejected', {
        detail: `'${shownTarget(originalUrl(raw)).slice(0, 200)}' ${target.rule}`
      })
    if (refusal === null) return target
    // What cannot be trusted to be framed as we read it must not be followed by another request.
    respondLast(raw, reply)
    return refusal
  }

  return {
    begin,
    open(request, reply, done) {
      const begun = begin(request, reply)
      if (begun instanceof GatewayError || begun?.kind === 'redirect')
        turnAway(request.exchange as Exchange, report)
      if (begun instanceof GatewayError) done(begun)
      else if (begun?.kind === 'redirect') reply.redirect(begun.path + begun.query, 308)
      else if (begun !== null) done()
    }
  }
}

// An app with its own request ids keeps them.
function idOf({ raw, id }: FastifyRequest, { requestId }: Ingress): string {
  const told = knownRequestId(raw)
  if (told !== undefined) return told
  if (typeof id === 'string' && isRequestId(id)) return id
  return requestId === '' ? randomUUID() : requestId
}

// If the response was sent elsewhere, work in progress has no consumer.
function endUnneeded(exchange: Exchange): void {
  const { reason, detail } = exchange
  exchange.inProgress?.clientGone()
  exchange.reason = reason
  exchange.detail = detail
}

// Who ends the connections of a server that stops is not the client.
function endUnfinished(exchange: Exchange, cuttingOff: boolean): void {
  const { reason, detail } = exchange
  exchange.reason ??= 'client_closed'
  exchange.inProgress?.clientGone()
  if (!cuttingOff) return
  exchange.reason = reason ?? 'draining'
  exchange.detail = reason === null ? CUT_OFF : detail
}

// A response without a socket (`inject`) is never flushed: it is complete when it has ended.
function isInjected(response: ServerResponse): boolean {
  return response.writableEnded && !(response.req.socket instanceof Socket)
}

function hasLeft({ socket }: IncomingMessage): boolean {
  return socket instanceof Socket && socket.closed
}

function originalUrl(raw: IncomingMessage & { originalUrl?: string }): string {
  return raw.originalUrl ?? raw.url ?? ''
}

// Of a request that is refused, the log still says where it came from.
function unread({ socket }: IncomingMessage): Ingress {
  const ingress = new Ingress()
  ingress.peer = ingress.client = plainAddress(socket.remoteAddress)
  return ingress
}

// Without the gateway's own `rewriteUrl`, Fastify has routed the target as it came and hooks have seen it so:
// forwarding it in another spelling would let it past those that were bound to a path. Only the case of
// hexadecimal digits may differ.
function unmarked({ url = '/', method }: IncomingMessage, { paths }: Snapshot): Target {
  const target = readTarget(
    url,
    paths.policy === 'normalize' ? { ...paths, policy: 'reject' } : paths,
    method
  )
  if (target.kind !== 'ok' || (target.path + target.query).toLowerCase() === url.toLowerCase()) return target
  if (paths.policy === 'redirect') return { ...target, kind: 'redirect' }
  return { ...target, kind: 'rejected', rule: 'must be in canonical form' }
}

function passedThrough(received: string, name: string): boolean {
  return received !== '' && received.split(',').some((hop) => hop.trim().split(/\s+/)[1] === name)
}
