// The parts of Envoy's API that authorization over gRPC needs, by the numbers of its `.proto` files.
import { list, type Message, map, message, nested, optional, scalar } from '../wire/message.js'
import { Struct, type StructValue } from '../wire/struct.js'

const SocketAddress = message('envoy.config.core.v3.SocketAddress', {
  address: scalar(2, 'string'),
  portValue: optional(scalar(3, 'uint32'), 'port')
})

const Pipe = message('envoy.config.core.v3.Pipe', { path: scalar(1, 'string') })

const Address = message('envoy.config.core.v3.Address', {
  socketAddress: { ...nested(1, () => SocketAddress), oneof: 'address' },
  pipe: { ...nested(2, () => Pipe), oneof: 'address' }
})

const Metadata = message('envoy.config.core.v3.Metadata', { filterMetadata: map(nested(1, () => Struct)) })

const HeaderValue = message('envoy.config.core.v3.HeaderValue', {
  key: scalar(1, 'string'),
  value: scalar(2, 'string'),
  rawValue: scalar(3, 'bytes')
})

const BoolValue = message('google.protobuf.BoolValue', { value: scalar(1, 'bool') })

const HeaderValueOption = message('envoy.config.core.v3.HeaderValueOption', {
  header: nested(1, () => HeaderValue),
  append: nested(2, () => BoolValue),
  appendAction: scalar(3, 'int32'),
  keepEmptyValue: scalar(4, 'bool')
})

const QueryParameter = message('envoy.config.core.v3.QueryParameter', {
  key: scalar(1, 'string'),
  value: scalar(2, 'string')
})

const Timestamp = message('google.protobuf.Timestamp', {
  seconds: scalar(1, 'int64'),
  nanos: scalar(2, 'int32')
})

const Peer = message('envoy.service.auth.v3.AttributeContext.Peer', {
  address: nested(1, () => Address),
  service: scalar(2, 'string'),
  labels: map(scalar(3, 'string')),
  principal: scalar(4, 'string'),
  certificate: scalar(5, 'string')
})

const HttpRequest = message('envoy.service.auth.v3.AttributeContext.HttpRequest', {
  id: scalar(1, 'string'),
  method: scalar(2, 'string'),
  headers: map(scalar(3, 'string')),
  path: scalar(4, 'string'),
  host: scalar(5, 'string'),
  scheme: scalar(6, 'string'),
  query: scalar(7, 'string'),
  fragment: scalar(8, 'string'),
  size: scalar(9, 'int64'),
  protocol: scalar(10, 'string'),
  body: scalar(11, 'string'),
  rawBody: scalar(12, 'bytes')
})

const Request = message('envoy.service.auth.v3.AttributeContext.Request', {
  time: nested(1, () => Timestamp),
  http: nested(2, () => HttpRequest)
})

const TlsSession = message('envoy.service.auth.v3.AttributeContext.TLSSession', { sni: scalar(1, 'string') })

const AttributeContext = message('envoy.service.auth.v3.AttributeContext', {
  source: nested(1, () => Peer),
  destination: nested(2, () => Peer),
  request: nested(4, () => Request),
  contextExtensions: map(scalar(10, 'string')),
  metadataContext: nested(11, () => Metadata),
  tlsSession: nested(12, () => TlsSession),
  routeMetadataContext: nested(13, () => Metadata)
})

/** `envoy.service.auth.v3.CheckRequest`. */
export const CheckRequest: Message = message('envoy.service.auth.v3.CheckRequest', {
  attributes: nested(1, () => AttributeContext)
})

const HttpStatus = message('envoy.type.v3.HttpStatus', { code: scalar(1, 'int32') })

const DeniedHttpResponse = message('envoy.service.auth.v3.DeniedHttpResponse', {
  status: nested(1, () => HttpStatus),
  headers: list(nested(2, () => HeaderValueOption)),
  body: scalar(3, 'string')
})

const OkHttpResponse = message('envoy.service.auth.v3.OkHttpResponse', {
  headers: list(nested(2, () => HeaderValueOption)),
  dynamicMetadata: nested(3, () => Struct),
  headersToRemove: list(scalar(5, 'string')),
  responseHeadersToAdd: list(nested(6, () => HeaderValueOption)),
  queryParametersToSet: list(nested(7, () => QueryParameter)),
  queryParametersToRemove: list(scalar(8, 'string'))
})

const Status = message('google.rpc.Status', { code: scalar(1, 'int32'), message: scalar(2, 'string') })

/** `envoy.service.auth.v3.CheckResponse`. */
export const CheckResponse: Message = message('envoy.service.auth.v3.CheckResponse', {
  status: nested(1, () => Status),
  deniedResponse: { ...nested(2, () => DeniedHttpResponse), oneof: 'http_response' },
  okResponse: { ...nested(3, () => OkHttpResponse), oneof: 'http_response' },
  errorResponse: { ...nested(5, () => DeniedHttpResponse), oneof: 'http_response' },
  dynamicMetadata: nested(4, () => Struct)
})

/** The address of a peer; `{ pipe }` for a Unix socket. */
interface AddressValue {
  readonly socketAddress?: { readonly address: string; readonly portValue: number }
  readonly pipe?: { readonly path: string }
}

/** One end of the client's connection. */
export interface PeerValue {
  readonly address: AddressValue
  /** The identity of its certificate: URI SAN, DNS SAN or subject, in that order; `''` for none. */
  readonly principal: string
}

/** A {@link CheckRequest}, as far as the gateway fills it. */
export interface CheckRequestValue {
  readonly attributes: {
    readonly source: PeerValue
    readonly destination: PeerValue
    readonly request: {
      readonly time: { readonly seconds: number; readonly nanos: number }
      readonly http: {
        readonly id: string
        readonly method: string
        readonly headers: Readonly<Record<string, string>>
        readonly path: string
        readonly host: string
        readonly scheme: string
        readonly size: number
        readonly protocol: string
        readonly body: string
        readonly rawBody: Uint8Array
      }
    }
    readonly contextExtensions: Readonly<Record<string, string>>
    readonly metadataContext: { readonly filterMetadata: Readonly<Record<string, StructValue>> }
    readonly routeMetadataContext?: { readonly filterMetadata: Readonly<Record<string, StructValue>> }
    readonly tlsSession?: { readonly sni: string }
  }
}

/** A header field that the service sets. */
export interface HeaderOptionValue {
  readonly header?: { readonly key: string; readonly value: string; readonly rawValue: Uint8Array }
  readonly append?: { readonly value: boolean }
  readonly appendAction: number
  readonly keepEmptyValue: boolean
}

/** A {@link CheckResponse} as it is read. */
export interface CheckResponseValue {
  readonly status?: { readonly code: number; readonly message: string }
  readonly deniedResponse?: {
    readonly status?: { readonly code: number }
    readonly headers: readonly HeaderOptionValue[]
    readonly body: string
  }
  readonly okResponse?: {
    readonly headers: readonly HeaderOptionValue[]
    readonly dynamicMetadata?: StructValue
    readonly headersToRemove: readonly string[]
    readonly responseHeadersToAdd: readonly HeaderOptionValue[]
    readonly queryParametersToSet: readonly { readonly key: string; readonly value: string }[]
    readonly queryParametersToRemove: readonly string[]
  }
  /** The service cannot decide. Its header fields and its body are not given to the client. */
  readonly errorResponse?: { readonly status?: { readonly code: number } }
  readonly dynamicMetadata?: StructValue
}
