import { createRequire } from 'node:module'
import type { FastifyReplyFromOptions } from '@fastify/reply-from'
import {
  checkPluginOptions,
  type Endpoint,
  type Exchange,
  GatewayError,
  MOUNTED,
  monotonic,
  UnboundRouteError
} from '@gatewright/core'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  RouteOptions
} from 'fastify'
import fp from 'fastify-plugin'
import { keepBodyUnparsed } from './body-parsing.js'
import { connectorTo } from './connection.js'
import { connectionGauges } from './connection-gauges.js'
import { Connections, type HeadResponses } from './connections.js'
import { Forwarding, type TransportDone } from './forwarding.js'
import type { ForwardingContext } from './forwarding-context.js'
import { keepUpstreamLength } from './head-twin.js'
import { ignoredOptions } from './ignored-options.js'
import { KnownFields } from './known-fields.js'
import { endsHere } from './max-forwards.js'
import { certificateMonitoring } from './monitoring.js'
import { PoolCalling } from './pool-call.js'
import { ReadBuffers } from './read-buffers.js'
import { StallMeter } from './stall-meter.js'
import { GRANULE_MS, TimerWheel } from './timer-wheel.js'
import { replyFrom } from './transport.js'
import { Transports } from './transports.js'
import { isOlder, VERSION_FLOORS } from './version-floors.js'

/** The forwarder has no options of its own: pools, policies and routes carry them. */
export type ProxyOptions = Record<never, never>

const kReply: unique symbol = Symbol('gatewright.reply')

/** What the transport is called with: reply-from copies the symbol along with the headers. */
interface TransportRequest {
  readonly headers: { readonly [kReply]: FastifyReply }
}

/**
 * Sets `app.gateway.forward`. Requests go out through `@fastify/reply-from`, whose transport is replaced by the
 * gateway's own: reply-from drives the reply, the transport makes the attempts.
 */
export const proxy: FastifyPluginAsync<ProxyOptions> = fp(
  async function proxy(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/proxy', options, [], 'pools, policies and routes have them')
    const { gateway } = app
    warnOfOldVersions(app.log)
    const buffers = new ReadBuffers()
    // A test's clock may stand still or jump.
    const stepMs = gateway.clock === monotonic ? GRANULE_MS : Number.POSITIVE_INFINITY
    const wheel = new TimerWheel(gateway.clock, gateway.timers, new StallMeter(stepMs))
    const heads = new WeakMap<Endpoint, HeadResponses>()
    const transports = new Transports((endpoint, made) => {
      const connect = connectorTo(endpoint, made, gateway.transport, buffers)
      return new Connections(made.settings, connect, wheel, headsOf(heads, endpoint))
    })
    const context = contextOf(app, wheel, buffers, transports)
    gateway.events.on('pool_endpoints', ({ pool, added, removed }) => {
      transports.changed(pool, added, removed)
    })
    gateway.changes.push({ name: 'proxy', prepare: (next) => transports.prepare(next) })
    gateway.monitoring.push(certificateMonitoring)
    gateway.gauges.push(...connectionGauges(gateway, transports))

    const transport = {
      request({ headers }: TransportRequest, done: TransportDone): void {
        const { exchange } = headers[kReply].request
        const { route, pool } = exchange as Exchange
        if (route === null || pool === null)
          throw new GatewayError('internal_error', { detail: 'no pool to forward to' })
        new Forwarding(context, exchange as Exchange, route, pool, done).start()
      }
    }
    await app.register(replyFrom, {
      base: 'http://upstream.invalid',
      undici: transport as unknown as NonNullable<FastifyReplyFromOptions['undici']>,
      disableRequestLogging: true
    })
    gateway.forward = forward
    gateway.callPool = (exchange, call, done) => {
      const calling = new PoolCalling(context, exchange, call, done)
      calling.start()
      return calling
    }
    const ignored: string[] = []
    gateway.checks.push(() => ignored)
    app.addHook('onRoute', function forwardBodies(route: RouteOptions) {
      if (route.config?.gateway === undefined) return
      // Fastify adds a HEAD route to a GET route, with the same options.
      if (route.method !== 'HEAD') ignored.push(...ignoredOptions(route))
      // Fastify waits for the end of a reply that a handler returns; here there is no caller left to notify.
      if (route.handler === forward) route.handler = send
      else if (route.config.gateway !== MOUNTED)
        route.onSend = [refuseNothing, ...[route.onSend ?? []].flat()]
      keepUpstreamLength(route)
      keepBodyUnparsed(route)
      route.onError = [dropResponse, ...([route.onError ?? []].flat() as (typeof dropResponse)[])]
    })
    app.addHook('onClose', async function closeConnections() {
      wheel.stop()
      await transports.destroy()
    })
  },
  { fastify: '5.x', name: '@gatewright/proxy', dependencies: ['@gatewright/core'] }
)

// Longer than connections: they may be made otherwise by now.
function headsOf(known: WeakMap<Endpoint, HeadResponses>, endpoint: Endpoint): HeadResponses {
  const heads = known.get(endpoint) ?? { haveBodies: false }
  known.set(endpoint, heads)
  return heads
}

function warnOfOldVersions(log: FastifyBaseLogger): void {
  const require = createRequire(import.meta.url)
  for (const { name, floor, because } of VERSION_FLOORS) {
    const { version } = require(`${name}/package.json`) as { version: string }
    if (isOlder(version, floor))
      log.warn(
        { name, version, floor },
        `${name} ${version} is installed by an override: ${because}; remove it, or raise it to ${floor}`
      )
  }
}

function contextOf(
  { gateway }: FastifyInstance,
  wheel: TimerWheel,
  buffers: ReadBuffers,
  { connectionsOf }: Transports
): ForwardingContext {
  return {
    wheel,
    now: gateway.clock,
    fields: new KnownFields(),
    buffers,
    connectionsOf,
    isDraining: () => gateway.draining,
    report: gateway.faults.report
  }
}

// A constant source, constant options and an empty query: reply-from's URL cache always hits, and the target is
// made by the transport from the canonical path alone.
const OPTIONS = {
  rewriteRequestHeaders: (request: FastifyRequest) => ({ [kReply]: (request as ForwardedRequest)[kReply] }),
  queryString: () => '',
  retryDelay: () => null,
  onResponse: (request: ForwardedRequest, reply: FastifyReply, answer: { stream: Forwarding }) => {
    request[kReply] = null
    answer.stream.respond(reply)
  }
}

// An error takes the response's place, when it breaks off before its head is sent or a hook fails.
function dropResponse(
  { exchange }: FastifyRequest,
  reply: FastifyReply,
  _error: unknown,
  done: () => void
): void {
  if (exchange?.inProgress instanceof Forwarding) exchange.inProgress.drop(reply)
  done()
}

// Fastify takes the nothing that an async handler returns for its response, while the upstream's is on its way.
function refuseNothing(
  request: ForwardedRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: Error | null, payload?: unknown) => void
): void {
  if (payload !== undefined || !request[kReply] || reply.statusCode !== 200) {
    done(null, payload)
    return
  }
  const { url } = request.routeOptions
  const detail = `an async handler of ${url} has called gateway.forward and must return what that returns`
  done(new GatewayError('internal_error', { detail, cause: new TypeError(detail) }))
}

/** The reply belongs to a request from its forwarding to the response. */
type ForwardedRequest = FastifyRequest & { [kReply]?: FastifyReply | null }

function forward(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  send(request, reply)
  return reply
}

function send(request: ForwardedRequest, reply: FastifyReply): void {
  const { method, exchange } = request
  // The client disconnected while a hook or handler was running, and that was reported.
  if (exchange === null) throw new UnboundRouteError(`${method} ${request.routeOptions.url}`)
  if (exchange.endedAt > 0) return
  if (method === 'TRACE') throw refusedTrace(request)
  if (method === 'OPTIONS' && endsHere(request, reply)) return
  request[kReply] = reply
  reply.from('/', OPTIONS as unknown as Parameters<FastifyReply['from']>[1])
}

// Its response would show the client the headers the gateway adds for the upstream (RFC 9110, section 9.3.8).
function refusedTrace({ routeOptions }: FastifyRequest): GatewayError {
  const allowed = [routeOptions.method].flat().filter((method) => method !== 'TRACE')
  return new GatewayError('method_not_allowed', { headers: { allow: allowed.join(', ') } })
}
