import { type Exchange, GatewayError } from '@gatewright/core'
import type { FastifyReply, FastifyRequest } from 'fastify'

const NAME = 'max-forwards'
const HOPS = /^[0-9]{1,9}$/

/**
 * What `Max-Forwards` asks of an OPTIONS request (RFC 9110, section 7.6.2): at 0 the gateway itself answers with the
 * methods of the route, and true is returned; otherwise the forwarded value is one less. Throws `request_rejected` for
 * a value that is not a number or a repeated field.
 */
export function endsHere(request: FastifyRequest, reply: FastifyReply): boolean {
  const value = request.headers[NAME]
  if (value === undefined) return false
  if (typeof value !== 'string' || !HOPS.test(value))
    throw new GatewayError('request_rejected', { detail: 'Max-Forwards is malformed' })
  const exchange = request.exchange as Exchange
  if (Number(value) > 0) {
    exchange.forwardHeader(NAME, String(Number(value) - 1))
    return false
  }
  reply.code(204).header('allow', methodsOf(exchange, request).join(', ')).send()
  return true
}

// A native route without methods of its own in the configuration is Fastify's.
function methodsOf({ route }: Exchange, { routeOptions, server }: FastifyRequest): readonly string[] {
  if (route?.match === null) return [routeOptions.method].flat()
  return (
    route?.match.methods ??
    server.supportedMethods.filter((method) => method !== 'TRACE' && method !== 'CONNECT')
  )
}
