import type { FastifyRequest, onSendHookHandler, RouteOptions } from 'fastify'
import { Forwarding } from './forwarding.js'

/**
 * Fastify adds a HEAD route to a GET route, whose last `onSend` hook declares the length of the payload. Of an
 * upstream's response to HEAD there is no payload, and the upstream's own length stands (RFC 9110, section 9.3.2).
 */
export function keepUpstreamLength(route: RouteOptions): void {
  if (route.method !== 'HEAD') return
  route.onSend = [route.onSend ?? []].flat().map((hook) => (isOfTwin(hook) ? unlessForwarded(hook) : hook))
}

function isOfTwin({ name }: { readonly name: string }): boolean {
  return name === 'headRouteOnSendHandler'
}

function unlessForwarded(declareLength: onSendHookHandler): onSendHookHandler {
  return function headOfUpstream(request, reply, payload, done) {
    if (payload === undefined && isForwarded(request)) done(null, null)
    else declareLength.call(this, request, reply, payload, done)
  }
}

function isForwarded({ exchange }: FastifyRequest): boolean {
  return exchange?.inProgress instanceof Forwarding && exchange.reason === null
}
