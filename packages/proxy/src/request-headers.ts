import type { Endpoint, Exchange, RequestEdit, Route } from '@gatewright/core'
import { continuedForwarded, translatedForwarded } from './forwarded-header.js'

/**
 * The header list of the request sent upstream, as `[name, value, …]`: the client's end-to-end headers in their
 * order, then the gateway's own fields, so that none of them can be overridden or stripped; what hooks
 * set replaces both. Framing is left to the transport, apart from a length that is known. `now`: milliseconds of the
 * gateway's clock.
 */
export function upstreamHeaders(
  exchange: Exchange,
  { preserveHost, pipeline }: Route,
  endpoint: Endpoint,
  attempt: number,
  now: () => number
): string[] {
  const { ingress, upstreamHeaders: added } = exchange
  const { via, forwarded, settings } = exchange.snapshot.ingress
  const { requestEdits } = pipeline
  const list = requestEdits.length === 0 ? ingress.headers.slice() : editedHeaders(exchange, requestEdits)
  const host = requestEdits.length === 0 ? '' : editedHost(exchange, requestEdits)
  if (host !== '') list.push('host', host)
  else list.push('host', preserveHost && ingress.authority !== '' ? ingress.authority : endpoint.host)
  if (exchange.body !== null) {
    if (ingress.hasBody) list.push('content-length', String(exchange.body.length))
  } else if (ingress.contentLength >= 0) list.push('content-length', String(ingress.contentLength))
  else if (!ingress.hasBody && exchange.upstreamMethod !== exchange.method) pushNoLength(list, exchange)
  if (ingress.trailers) list.push('te', 'trailers')
  list.push(settings.requestIdHeader, exchange.id)
  if (attempt > 1) list.push('x-gw-attempt', String(attempt))
  if (settings.deadlineHeader !== '' && exchange.deadlineAt > 0)
    list.push(settings.deadlineHeader, String(Math.max(0, Math.round(exchange.deadlineAt - now()))))
  if (forwarded !== 'none') {
    if (forwarded !== 'rfc7239') pushForwarded(list, exchange)
    if (forwarded === 'rfc7239') list.push('forwarded', continuedForwarded(exchange))
    else if (forwarded === 'both') list.push('forwarded', translatedForwarded(exchange))
  }
  if (via !== '') list.push('via', viaValue(exchange, via))
  else if (ingress.via !== '') list.push('via', ingress.via)
  return added === null ? list : replaced(list, added)
}

// Of a method that the client has not used it cannot have said so (RFC 9110, section 8.6).
function pushNoLength(list: string[], { upstreamMethod }: Exchange): void {
  if (upstreamMethod === 'POST' || upstreamMethod === 'PUT' || upstreamMethod === 'PATCH')
    list.push('content-length', '0')
}

function editedHeaders(exchange: Exchange, edits: readonly RequestEdit[]): string[] {
  const { headers } = exchange.ingress
  let list: readonly string[] = headers
  for (const edit of edits) if (edit.headers !== undefined) list = edit.headers(list, exchange)
  return list === headers ? headers.slice() : (list as string[])
}

// The last one that says anything.
function editedHost(exchange: Exchange, edits: readonly RequestEdit[]): string {
  let host = ''
  for (const edit of edits) host = edit.host?.(exchange) || host
  return host
}

function replaced(headers: readonly string[], by: ReadonlyMap<string, string | null>): string[] {
  const list: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    const name = headers[i] as string
    if (!by.has(name.toLowerCase())) list.push(name, headers[i + 1] as string)
  }
  for (const [name, value] of by) if (value !== null) list.push(name, value)
  return list
}

function pushForwarded(list: string[], { ingress }: Exchange): void {
  const { peer, forwardedFor } = ingress
  if (forwardedFor === '') {
    if (peer !== '') list.push('x-forwarded-for', peer)
  } else list.push('x-forwarded-for', peer === '' ? forwardedFor : `${forwardedFor}, ${peer}`)
  list.push('x-forwarded-proto', ingress.proto)
  const host = ingress.forwardedHost === '' ? ingress.authority : ingress.forwardedHost
  if (host !== '') list.push('x-forwarded-host', host)
  const port = ingress.forwardedPort === '' ? ingress.port : ingress.forwardedPort
  if (port !== '') list.push('x-forwarded-port', port)
}

function viaValue({ ingress, raw }: Exchange, name: string): string {
  const own = `${raw.httpVersion} ${name}`
  return ingress.via === '' ? own : `${ingress.via}, ${own}`
}
