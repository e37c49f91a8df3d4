import { Readable } from 'node:stream'
import { type Exchange, GatewayError } from '@gatewright/core'
import type { FastifyReply, FastifyRequest, HookHandlerDoneFunction, RouteOptions } from 'fastify'

/** Fields by which Fastify decides whether there is a body to parse, and how. */
const HIDDEN = { 'content-type': undefined, 'content-length': undefined, 'transfer-encoding': undefined }

/** Fastify refuses a QUERY whose media type it cannot see, so that method is hidden as well. */
const BODILESS = { value: 'GET', configurable: true }

/** Methods for whose bodies Fastify has no parser anyway. */
const UNPARSED: ReadonlySet<string> = new Set(['GET', 'HEAD', 'TRACE'])

/**
 * Makes a route's body pass by Fastify's content-type parsers, which are chosen by scope and not by route: while
 * Fastify looks for a parser the request seems to have no body, and right after that all its headers are back.
 * The body stays unread on `request.raw`, or in the stream that a `preParsing` hook has returned for it, until it is
 * forwarded or asked for with `exchange.buffer()`.
 */
export function keepBodyUnparsed(route: RouteOptions): void {
  if ([route.method].flat().every((method) => UNPARSED.has(method))) return
  route.preParsing = [...([route.preParsing ?? []].flat() as (typeof hideBody)[]), hideBody]
  route.preValidation = [showBody, ...([route.preValidation ?? []].flat() as (typeof showBody)[])]
}

function hideBody(
  request: FastifyRequest,
  _reply: FastifyReply,
  payload: unknown,
  done: HookHandlerDoneFunction
): void {
  const { raw, exchange } = request
  if (
    payload !== raw &&
    payload != null &&
    exchange?.ingress.hasBody === true &&
    !replace(exchange, payload)
  ) {
    done(
      new GatewayError('internal_error', {
        detail: 'a preParsing hook returned something else than a stream'
      })
    )
    return
  }
  request.headers = HIDDEN as unknown as FastifyRequest['headers']
  if (request.method === 'QUERY') Object.defineProperty(request, 'method', BODILESS)
  done()
}

// The length that the client has declared is that of another body, and so is the coding, of a body that carries
// Fastify's mark of one that was decoded.
function replace(exchange: Exchange, payload: unknown): payload is Readable {
  if (!(payload instanceof Readable)) return false
  // It may fail before anybody reads it.
  exchange.payload = payload.on('error', () => {})
  exchange.ingress.contentLength = -1
  if ('receivedEncodedLength' in payload) exchange.dropHeader('content-encoding')
  return true
}

function showBody(request: FastifyRequest, _reply: FastifyReply, done: HookHandlerDoneFunction): void {
  request.headers = undefined as unknown as FastifyRequest['headers']
  if (request.raw.method === 'QUERY') Reflect.deleteProperty(request, 'method')
  done()
}
