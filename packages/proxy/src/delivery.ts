import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Exchange } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import type { RequestHeaderSettings } from './request-headers.js'
import { copyHeaders, type ResponseHead } from './response-headers.js'

// Of a reason phrase the transport refuses only line ends, and Node would not send the others.
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/

/** Writes the head of an upstream's answer to the reply. */
export function writeHead(
  reply: FastifyReply,
  exchange: Exchange,
  head: ResponseHead,
  statusText: string,
  { requestIdHeader, via }: RequestHeaderSettings
): void {
  const { raw } = reply
  const status = raw.statusCode
  copyHeaders(head.headers, reply, requestIdHeader)
  // RFC 9110, section 8.6: no length where there can be no body.
  if (status === 204 || (status === 304 && head.contentLength === 0)) reply.removeHeader('content-length')
  if (via !== '') {
    const before = reply.getHeader('via')
    reply.header('via', before === undefined ? `1.1 ${via}` : `${before}, 1.1 ${via}`)
  }
  if (head.trailer !== '' && exchange.ingress.trailers) reply.header('trailer', head.trailer)
  if (exchange.setCookies !== null) for (const line of exchange.setCookies) reply.header('set-cookie', line)
  if (statusText !== '' && statusText !== STATUS_CODES[status] && !CONTROL.test(statusText))
    raw.statusMessage = statusText
}

/** Takes back what {@link writeHead} wrote. */
export function retractHead(reply: FastifyReply, { headers }: ResponseHead): void {
  for (let i = 0; i < headers.length; i += 2) reply.removeHeader(headers[i] as string)
  reply.removeHeader('via').removeHeader('trailer')
  reply.raw.statusMessage = ''
}

/** Relays an interim answer: 102 and 103 to clients that know them (HTTP/1.1). */
export function writeInterim(response: ServerResponse, status: number, { headers }: ResponseHead): void {
  if (response.headersSent || response.req.httpVersionMinor === 0) return
  if (status === 102) response.writeProcessing()
  else if (status === 103) {
    const hints: Record<string, string | string[]> = {}
    for (let i = 0; i < headers.length; i += 2) hints[headers[i] as string] = headers[i + 1] as string
    if (hints.link !== undefined) {
      try {
        response.writeEarlyHints(hints)
      } catch {
        // A hint that Node finds malformed is only a hint.
      }
    }
  }
}

const NO_TRAILER =
  /^(?:transfer-encoding|content-.*|host|te|trailer|connection|authorization|set-cookie|cache-control|expect|max-forwards|via)$/

/** The trailers that may follow the answer (RFC 9110, section 6.5.1), as `[name, value]` pairs. */
export function relayedTrailers(raw: readonly Buffer[]): [string, string][] {
  const list: [string, string][] = []
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as Buffer).toString('latin1')
    if (!NO_TRAILER.test(name.toLowerCase())) list.push([name, (raw[i + 1] as Buffer).toString('latin1')])
  }
  return list
}
