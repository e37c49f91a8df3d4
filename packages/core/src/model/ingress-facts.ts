/** What one pass over a request's headers found. */
export class Ingress {
  /** The host for matching: lower case, no port, no trailing dot; `''` when the request names none. */
  host = ''
  /** The host as the client sent it, or the authority of an absolute-form target. */
  authority = ''
  /** End-to-end headers to forward, as `[name, value, name, value, …]` in the order received. */
  readonly headers: string[] = []
  /** Declared length of the body in bytes; -1 when it is chunked or there is none. */
  contentLength = -1
  hasBody = false
  /** The client takes trailers (`TE: trailers`). */
  trailers = false
  /** The peer at the other end of the TCP connection; `''` when it has no address (a unix socket). */
  peer = ''
  peerTrusted = false
  /** The local port the client has connected to; `''` when there is none. */
  port = ''
  /** The client's address, seen through the trusted proxies. */
  client = ''
  proto: 'http' | 'https' = 'http'
  /** The believed kind of forwarding headers as received, only of a trusted peer; `''` otherwise. */
  forwardedFor = ''
  forwardedProto = ''
  forwarded = ''
  /** Host and port that the client requested, as reported by a trusted peer; `''` otherwise. */
  forwardedHost = ''
  forwardedPort = ''
  /** Milliseconds that a trusted peer leaves for the request; 0 when it does not say. */
  timeoutMs = 0
  /** `Via` as received. */
  via = ''
  /** The request id as received, kept only when the peer is trusted and the id is a plain token. */
  requestId = ''
}
