import type { Socket } from 'node:net'
import { BadHeadError } from './response-headers.js'

/** The part of undici's response parser that is used here; not part of its public interface. */
interface Parser {
  statusText: string
  statusCode: number
  headers: Buffer[]
  headersSize: number
  contentLength: string
  readonly ptr: number
  readonly llhttp: {
    llhttp_set_lenient_keep_alive?: (parser: number, on: number) => void
    llhttp_set_lenient_version?: (parser: number, on: number) => void
    llhttp_set_lenient_chunked_length?: (parser: number, on: number) => void
    llhttp_get_http_major?: (parser: number) => number
  }
  onStatus(bytes: Buffer): number
  onHeadersComplete(status: number, upgrade: boolean, keepAlive: boolean): number
  onMessageComplete(): number
}

const SKIP_BODY = 1
const FAILED = -1

/**
 * Makes undici read interim responses as RFC 9110, section 15.2, has it, where it would give up the connection: a 100
 * that was not requested is skipped (`passedOver` receives its size), and one with `Connection: close` does not
 * end the connection before the final response. Responses of HTTP/1.2 are read, those of HTTP/2.0 are not (RFC 9112, section
 * 2.3). Reason phrases come with the bytes they were sent with. A length among the trailers says nothing of the content
 * (RFC 9110, section 6.5.1). A 204 that declares a body, against RFC 9112, section 6.1, is the last response of its
 * connection. A version of undici that looks otherwise is left as it is.
 */
export function mendParser(socket: Socket, passedOver: (bytes: number) => void): void {
  const parser = parserOf(socket)
  if (parser === null) return
  const { onHeadersComplete, onMessageComplete, llhttp, ptr } = parser
  let declared = ''
  const majorOf = llhttp.llhttp_get_http_major
  // Undici itself closes a connection whose final response says so.
  llhttp.llhttp_set_lenient_keep_alive?.(ptr, 1)
  // Any version with the same major one is HTTP/1.1 to us (RFC 9110, section 2.5); others are seen to below.
  if (majorOf !== undefined) llhttp.llhttp_set_lenient_version?.(ptr, 1)
  parser.onStatus = function readStatus(this: Parser, bytes) {
    this.statusText += bytes.toString('latin1')
    return 0
  }
  parser.onHeadersComplete = function readHeaders(this: Parser, status, upgrade, keepAlive) {
    if (majorOf !== undefined && majorOf(ptr) !== 1) {
      socket.destroy(new BadHeadError('it is not HTTP/1'))
      return FAILED
    }
    declared = this.contentLength
    // From here to the end of the response, a length can only stand among its trailers.
    if (status >= 200 && declared === '') llhttp.llhttp_set_lenient_chunked_length?.(ptr, 1)
    const lasts = status < 200 || (keepAlive && !(status === 204 && declaresBody(this)))
    if (status !== 100 || upgrade || socket.destroyed)
      return onHeadersComplete.call(this, status, upgrade, lasts)
    try {
      passedOver(this.headersSize)
    } catch (error) {
      socket.destroy(error as Error)
      return FAILED
    }
    this.statusCode = status
    this.headers = []
    this.headersSize = 0
    return SKIP_BODY
  }
  parser.onMessageComplete = function forgetTrailers(this: Parser) {
    this.contentLength = declared
    if (declared === '') llhttp.llhttp_set_lenient_chunked_length?.(ptr, 0)
    return onMessageComplete.call(this)
  }
}

// What comes behind such a head may be that body, and would be taken for the next response.
function declaresBody({ contentLength, headers }: Parser): boolean {
  if (Number(contentLength) > 0) return true
  for (let i = 0; i < headers.length; i += 2)
    if (headers[i]?.toString('latin1').toLowerCase() === 'transfer-encoding') return true
  return false
}

function parserOf(socket: Socket): Parser | null {
  const key = Object.getOwnPropertySymbols(socket).find(({ description }) => description === 'parser')
  const parser = key === undefined ? null : (socket as unknown as Record<symbol, Partial<Parser> | null>)[key]
  const known =
    typeof parser?.onStatus === 'function' &&
    typeof parser.onHeadersComplete === 'function' &&
    typeof parser.statusText === 'string' &&
    typeof parser.onMessageComplete === 'function' &&
    typeof parser.headersSize === 'number' &&
    typeof parser.contentLength === 'string' &&
    Array.isArray(parser.headers)
  return known ? (parser as Parser) : null
}
