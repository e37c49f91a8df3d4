import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Exchange } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import type { RequestHeaderSettings } from './request-headers.js'
import { copyHeaders, type ResponseHead } from './response-headers.js'

const SMALL = 64 * 1024

// Of a reason phrase the transport refuses only line ends, and Node would not send the others.
const CONTROL = /[^\t\x20-\x7e\x80-\xff]/

const BEYOND_ASCII = /[^\x00-\x7f]/

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

/**
 * A body that arrived whole, as what Node sends cheapest: a small ASCII body as a string goes out in one write with the
 * head. Node encodes both as UTF-8 then, so the head has to be ASCII as well. `undefined` for an empty body.
 */
export function wholeBody(
  chunks: readonly Buffer[],
  bytes: number,
  statusText: string,
  { headers }: ResponseHead
): Buffer | string | undefined {
  if (bytes === 0) return undefined
  const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, bytes)
  if (bytes > SMALL || !isAscii(body)) return body
  if (BEYOND_ASCII.test(statusText) || headers.some((text) => BEYOND_ASCII.test(String(text)))) return body
  return body.toString('latin1')
}

function isAscii(body: Buffer): boolean {
  for (let i = 0; i < body.length; i++) if ((body[i] as number) > 127) return false
  return true
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
