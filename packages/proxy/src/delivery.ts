import { STATUS_CODES } from 'node:http'
import type { Exchange } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import { reasonPhrase } from './reason-phrase.js'
import { copyHeaders, type Overlaid, type ResponseHead, removeHeaders } from './response-headers.js'

/** Writes the head of an upstream's response to the reply. Returns what {@link retractHead} needs. */
export function writeHead(
  reply: FastifyReply,
  exchange: Exchange,
  head: ResponseHead,
  statusText: string
): Overlaid {
  const { via, settings } = exchange.snapshot.ingress
  const { raw } = reply
  const status = raw.statusCode
  const overlaid = copyHeaders(head, reply, settings.requestIdHeader)
  if (hasNoLength(exchange, status, head)) reply.removeHeader('content-length')
  if (via !== '') {
    const before = reply.getHeader('via')
    reply.header('via', before === undefined ? `1.1 ${via}` : `${before}, 1.1 ${via}`)
  }
  if (statusText !== '' && statusText !== STATUS_CODES[status]) raw.statusMessage = reasonPhrase(statusText)
  return overlaid
}

// RFC 9110, sections 8.6 and 15.3.6: no length where there can be no body.
function hasNoLength({ method }: Exchange, status: number, { contentLength }: ResponseHead): boolean {
  return status === 204 || (status === 304 && contentLength === 0) || (status === 205 && method !== 'HEAD')
}

/** Takes back what {@link writeHead} wrote. */
export function retractHead(reply: FastifyReply, head: ResponseHead, overlaid: Overlaid): void {
  removeHeaders(head, reply, overlaid)
  for (const name of ['via', 'trailer']) {
    reply.removeHeader(name)
    reply.raw.removeHeader(name)
  }
  reply.raw.statusMessage = ''
}

const NO_TRAILER =
  /^(?:transfer-encoding|content-.*|host|te|trailer|connection|keep-alive|proxy-connection|proxy-auth.*|upgrade|http2-settings|alt-svc|authorization|set-cookie|cache-control|expect|max-forwards|via)$/

/** The trailers that may follow the response (RFC 9110, section 6.5.1), as `[name, value]` pairs. */
export function relayedTrailers(raw: readonly Buffer[]): [string, string][] {
  const list: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as Buffer).toString('latin1')
    if (!NO_TRAILER.test(name.toLowerCase())) list.push([name, (raw[i + 1] as Buffer).toString('latin1')])
  }
  return list
}
