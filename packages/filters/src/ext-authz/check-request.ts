import type { Exchange } from '@gatewright/core'
import type { FilterRequest } from '../filter.js'
import { type StructValue, toStruct } from '../wire/struct.js'
import type { CheckRequestValue, PeerValue } from './messages.js'
import { principalOf } from './principal.js'

/** What of a request is told to the service. */
export interface CheckContent {
  /** Whether a header field is told, by its name in lower case. */
  tells(name: string): boolean
  readonly contextExtensions: Readonly<Record<string, string>>
  /** The body as bytes (`raw_body`) instead of text. */
  readonly rawBody: boolean
  /** What filters before have noted, by their names. */
  metadataOf(exchange: Exchange): Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Milliseconds since 1970, when the request came. */
  arrivedAt(exchange: Exchange): number
}

const NOTHING = Buffer.alloc(0)
const PARTIAL_BODY = 'x-envoy-auth-partial-body'

/** The attributes of a request as Envoy's HTTP filter fills them. */
export function checkRequest(request: FilterRequest, content: CheckContent): CheckRequestValue {
  const { exchange, body } = request
  const { ingress, method, path, query, upstreamQuery, raw, route } = exchange
  const target = path + (upstreamQuery ?? query)
  const arrivedAt = content.arrivedAt(exchange)
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  headers[':authority'] = ingress.authority
  headers[':method'] = method
  headers[':path'] = target
  headers[':scheme'] = ingress.proto
  for (const name of Object.keys(request.headers))
    if (content.tells(name)) headers[name] = request.headers[name] as string
  // A client's own would speak of a body that is not there.
  if (body === null) delete headers[PARTIAL_BODY]
  else headers[PARTIAL_BODY] = String(request.isPartial)
  const { servername = '' } = raw.socket as { servername?: string | false | null }
  return {
    attributes: {
      source: sourceOf(exchange),
      destination: {
        address: addressOf(raw.socket.localAddress ?? '', raw.socket.localPort ?? 0),
        principal: ''
      },
      request: {
        time: { seconds: Math.floor(arrivedAt / 1_000), nanos: Math.floor((arrivedAt % 1_000) * 1e6) },
        http: {
          id: exchange.id,
          method,
          headers,
          path: target,
          host: ingress.authority,
          scheme: ingress.proto,
          size: ingress.hasBody ? ingress.contentLength : 0,
          protocol: `HTTP/${raw.httpVersion}`,
          body: body !== null && !content.rawBody ? body.toString('utf8') : '',
          rawBody: body !== null && content.rawBody ? body : NOTHING
        }
      },
      contextExtensions: content.contextExtensions,
      metadataContext: { filterMetadata: metadataContext(exchange, content) },
      routeMetadataContext: { filterMetadata: { gatewright: toStruct({ route: route?.id ?? '' }) } },
      ...(servername ? { tlsSession: { sni: servername } } : {})
    }
  }
}

// The client's own address where proxies before us are trusted, as Envoy has it; its port is known of a peer only.
function sourceOf({ ingress, raw: { socket } }: Exchange): PeerValue {
  const port = ingress.client === ingress.peer ? (socket.remotePort ?? 0) : 0
  return { address: addressOf(ingress.client, port), principal: principalOf(socket) }
}

function addressOf(address: string, portValue: number): PeerValue['address'] {
  return address === '' ? { pipe: { path: '' } } : { socketAddress: { address, portValue } }
}

function metadataContext(exchange: Exchange, content: CheckContent): Record<string, StructValue> {
  const all: Record<string, StructValue> = Object.create(null) as Record<string, StructValue>
  const { identity } = exchange
  if (identity !== null) {
    const { scheme, subject, consumer, scopes, roles, claims, metadata } = identity
    all['gatewright.identity'] = toStruct({ scheme, subject, consumer, scopes, roles, claims, metadata })
  }
  const noted = content.metadataOf(exchange)
  for (const name of Object.keys(noted)) all[name] = toStruct(noted[name] as Record<string, unknown>)
  return all
}
