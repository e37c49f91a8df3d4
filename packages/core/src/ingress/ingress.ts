import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { createHostKeys } from '../config/host.js'
import { GatewayError } from '../model/gateway-error.js'
import { Ingress } from '../model/ingress-facts.js'
import type { IngressReader } from '../model/ingress-plan.js'
import type { IngressSettings } from '../model/ingress-settings.js'
import { createKinds, KIND } from './header-kinds.js'
import { believeForwarding, joined, keepForwarding } from './origin.js'
import { peerOf } from './peer.js'
import { isRequestId } from './request-id.js'
import { takesTrailers } from './te.js'

/** Names a client may list in `Connection`; any other end-to-end name there would let it delete that header. */
const NOMINABLE = new Set([
  'close',
  'keep-alive',
  'te',
  'upgrade',
  'trailer',
  'trailers',
  'proxy-connection',
  'http2-settings'
])
const PROTECTED =
  /^(?:host|authorization|cookie|forwarded|via|origin|referer|expect|transfer-encoding|content-.*|x-forwarded-.*|x-real-ip)$/
const DIGITS = /^\d{1,15}$/

/** Builds the reader. */
export function createIngressReader(settings: IngressSettings): IngressReader {
  const kindOf = createKinds(settings)
  const { trust } = settings
  const hostKeyOf = createHostKeys()

  return function readIngress(raw, authority) {
    checkVersion(raw)
    checkSize(raw, settings)
    const peer = peerOf(raw.socket, trust)
    const found = new Ingress()
    found.peer = found.client = peer.address
    found.peerTrusted = peer.trusted
    found.port = peer.port
    found.proto = (raw.socket as Socket & { encrypted?: boolean }).encrypted === true ? 'https' : 'http'

    const { rawHeaders } = raw
    let hosts = 0
    let connection = ''
    let types = 0
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const name = rawHeaders[i] as string
      const value = rawHeaders[i + 1] as string
      switch (kindOf(name)) {
        case KIND.keep:
          found.headers.push(name, value)
          break
        case KIND.trustedOnly:
          if (peer.trusted) found.headers.push(name, value)
          break
        case KIND.contentType:
          // Node reads the first one, others the last.
          if (++types > 1) throw refused('Content-Type must be sent once')
          found.headers.push(name, value)
          break
        case KIND.host:
          hosts++
          found.authority = value
          break
        case KIND.contentLength:
          readLength(found, value)
          break
        case KIND.transferEncoding:
          readCoding(raw, found, value)
          break
        case KIND.connection:
          connection = connection === '' ? value : `${connection},${value}`
          break
        case KIND.te:
          if (takesTrailers(value)) found.trailers = true
          break
        case KIND.via:
          found.via = joined(found.via, value)
          break
        case KIND.expect:
          break
        case KIND.refuse:
          throw refused(`header '${name}' has an underscore`)
        default:
          if (peer.trusted) readTrusted(found, name, value)
      }
    }
    if (hosts > 1) throw refused('Host must be sent once')
    if (found.authority === '' && raw.httpVersionMinor === 1) throw refused('Host is missing')
    if (found.authority !== '') found.host = hostOf(found.authority)
    if (authority !== '') {
      found.authority = authority
      found.host = hostOf(authority)
    }
    if (connection !== '' && connection !== 'keep-alive' && connection !== 'close')
      nominate(found, connection)
    if (peer.trusted) believeForwarding(found, settings.believes, settings.trust)
    return found
  }

  function hostOf(authority: string): string {
    const host = hostKeyOf(authority)
    if (host === null) throw refused('Host is malformed')
    return host
  }

  function readTrusted(found: Ingress, name: string, value: string): void {
    const lower = name.toLowerCase()
    switch (lower) {
      case settings.deadlineHeader:
        if (/^\d{1,9}$/.test(value)) found.timeoutMs = Math.max(1, Number(value))
        break
      case settings.requestIdHeader:
        if (isRequestId(value)) found.requestId = value
        break
      default:
        keepForwarding(found, lower, value, settings.believes)
    }
  }

  function nominate(found: Ingress, connection: string): void {
    const dropped = new Set<string>()
    for (const item of connection.split(',')) {
      const name = item.trim().toLowerCase()
      if (name === '' || NOMINABLE.has(name)) continue
      if (PROTECTED.test(name) || name === settings.requestIdHeader || settings.reservedHeaders.has(name))
        throw refused(`Connection must not name '${name}'`)
      dropped.add(name)
    }
    if (dropped.size === 0) return
    const kept: string[] = []
    for (let i = 0; i < found.headers.length; i += 2) {
      const name = found.headers[i] as string
      if (!dropped.has(name.toLowerCase())) kept.push(name, found.headers[i + 1] as string)
    }
    found.headers.length = 0
    found.headers.push(...kept)
  }
}

// Node's parser accepts HTTP/0.9, which is also how it reads a line without a version, and HTTP/2.0.
function checkVersion(raw: IncomingMessage): void {
  if (raw.httpVersionMajor === 0) throw refused('the request line has no version of HTTP/1')
  if (raw.httpVersionMajor !== 1 || raw.httpVersionMinor > 1)
    throw new GatewayError('http_version_not_supported')
}

function checkSize(
  raw: IncomingMessage & { originalUrl?: string },
  { maxHeaders, maxUrlBytes }: IngressSettings
): void {
  if (raw.rawHeaders.length > maxHeaders * 2) throw new GatewayError('headers_too_large')
  if ((raw.originalUrl ?? raw.url ?? '').length > maxUrlBytes) throw new GatewayError('uri_too_long')
}

function readLength(found: Ingress, value: string): void {
  if (!DIGITS.test(value)) throw refused('Content-Length is malformed')
  found.contentLength = Number(value)
  found.hasBody = found.contentLength > 0
}

function readCoding(raw: IncomingMessage, found: Ingress, value: string): void {
  if (raw.httpVersionMinor === 0) throw refused('Transfer-Encoding is not part of HTTP/1.0')
  if (value.toLowerCase() !== 'chunked') throw refused("Transfer-Encoding must be 'chunked'")
  found.hasBody = true
}

function refused(detail: string): GatewayError {
  return new GatewayError('request_rejected', { detail })
}
