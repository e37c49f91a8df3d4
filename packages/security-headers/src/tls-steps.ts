import {
  allRoutes,
  type Exchange,
  type Gateway,
  GatewayError,
  PAUSE,
  type Route,
  type Snapshot,
  settingIn
} from '@gatewright/core'
import type { FastifyReply, HookHandlerDoneFunction } from 'fastify'
import { requireTlsKey } from './keys.js'
import { TLS_REQUIRED } from './reasons.js'
import { redirectTarget } from './redirect-target.js'
import type { RequireTlsSettings } from './settings.js'

/** Adds a step to the routes that require TLS. Yields the problems of redirects that would lead anywhere. */
export function* tlsSteps(next: Snapshot, { events }: Pick<Gateway, 'events'>): Iterable<string> {
  const ofAll = settingIn(requireTlsKey, next.config)
  for (const route of [null, ...allRoutes(next)]) {
    const settings =
      route === null || route.given(requireTlsKey.name) === undefined ? ofAll : route.setting(requireTlsKey)
    yield PAUSE
    if (settings === null) continue
    const hosts = settings.hosts ?? route?.match?.hosts ?? []
    if (settings.redirect && hosts.length === 0 && route !== null)
      yield `${route.source}: requireTls: a redirect needs to know its hosts; give the route a 'host', or list 'hosts'`
    next.steps.add(route, {
      name: settings.redirect ? 'TLS, or a redirect' : 'TLS',
      phase: 'onRequest',
      place: 'admitted',
      run: function requireTls(request, reply, done) {
        const exchange = request.exchange as Exchange
        if (exchange.ingress.proto === 'https') done()
        else withoutTls(exchange, reply, settings, hosts, events, done)
      }
    })
  }
}

function withoutTls(
  exchange: Exchange,
  reply: FastifyReply,
  { observe, redirect, port }: RequireTlsSettings,
  hosts: readonly string[],
  events: Gateway['events'],
  done: HookHandlerDoneFunction
): void {
  const because = becauseOf(exchange)
  const reason = TLS_REQUIRED.name
  if (observe) {
    exchange.observe(reason)
    events.emit('observed', { exchange, reason, because })
    done()
    return
  }
  const target = redirect ? redirectTarget(exchange, hosts, port) : null
  if (target !== null) {
    // Browsers keep a permanent redirect, and would keep one that a wrong `trustedProxies` has made.
    reply.header('cache-control', 'no-store').redirect(target, 308)
    return
  }
  events.emit('rejected', { exchange, reason, because })
  done(new GatewayError(TLS_REQUIRED, { detail: because }))
}

// What nearly always is the mistake: the one who ends TLS is not trusted to say so.
function becauseOf({ headers, ingress }: Exchange): string {
  const claimed = headers['x-forwarded-proto'] ?? headers.forwarded
  return claimed === undefined || ingress.peerTrusted
    ? 'the request has come without TLS'
    : `the request has come without TLS; what ${ingress.peer} says of it is not believed, as it is not in trustedProxies`
}

/** Whether a route only notes which requests would be redirected or refused. */
export function isObserved(route: Route, { config }: Snapshot): boolean {
  const own = route.given(requireTlsKey.name) !== undefined
  return (own ? route.setting(requireTlsKey) : settingIn(requireTlsKey, config))?.observe === true
}
