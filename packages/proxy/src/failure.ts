import { type AttemptRecord, foundNoConnection, GatewayError, type Reason } from '@gatewright/core'

const TLS_CODE =
  /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|ERR_OSSL|EPROTO|INVALID_PURPOSE|INVALID_CA|PATH_LENGTH|CRL_|HOSTNAME_MISMATCH)/
const PROTOCOL_CODE = /^(?:HPE_|UND_ERR_HEADERS_OVERFLOW|UND_ERR_RESPONSE$)/
const PROTOCOL_MESSAGE = /^bad (?:response|upgrade)$/
// The connection ended within a message.
const EARLY_END = /\(Invalid EOF state\)$/

/** The reason of a transport's error. `sent`: whether the request may have reached the upstream. */
export function reasonOf(error: unknown, sent: boolean): Reason {
  if (error instanceof GatewayError) return error.reason
  const { code, message, name } = codeOf(error)
  if (!sent) {
    if (TLS_CODE.test(code)) return 'upstream_tls_failed'
    return code === 'UND_ERR_CONNECT_TIMEOUT'
      ? 'upstream_connect_timeout'
      : isUsage(code)
        ? 'internal_error'
        : 'upstream_connect_failed'
  }
  // Errors of undici's parser have no code.
  const malformed = name === 'HTTPParserError' && !EARLY_END.test(message)
  if (malformed || PROTOCOL_CODE.test(code) || PROTOCOL_MESSAGE.test(message))
    return 'upstream_protocol_error'
  return isUsage(code) ? 'internal_error' : 'upstream_reset'
}

/**
 * Whether the error is that of a kept-alive connection which the upstream closed while the request was on its
 * way: nothing else looks like this when not one byte of a response has come.
 */
export function isStaleConnection(error: unknown): boolean {
  const { code, message } = codeOf(error)
  if (code === 'UND_ERR_SOCKET') return message === 'other side closed' || message === 'closed'
  return code === 'ECONNRESET' || code === 'EPIPE'
}

/** Whether a connection ended because the upstream sent an unrequested or invalid response. */
export function isUnasked(error: unknown): boolean {
  const { message, name } = codeOf(error)
  return message === 'bad response' || name === 'HTTPParserError'
}

/**
 * Whether less came than was declared. A 304 may declare the length of the body that it does not have (RFC 9110,
 * section 8.6); undici misses that body.
 */
export function isShortBody(error: unknown): boolean {
  return codeOf(error).code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'
}

function isUsage(code: string): boolean {
  return code === 'UND_ERR_INVALID_ARG' || code === 'UND_ERR_NOT_SUPPORTED'
}

interface Told {
  readonly code: string
  readonly message: string
  readonly name: string
}

function codeOf(error: unknown): Told {
  const { code = '', message = '', name = '' } = (error ?? {}) as Partial<Told>
  return { code: String(code), message: String(message), name: String(name) }
}

/** The error a client gets for a failed attempt; the transport's own goes to the log. */
export function errorOf({
  failure,
  error,
  endpoint,
  overShare
}: Pick<AttemptRecord, 'failure' | 'error' | 'endpoint' | 'overShare'>): GatewayError {
  if (error instanceof GatewayError && error.reason === failure) return error
  const text =
    error instanceof Error
      ? error.message || String((error as { code?: string }).code ?? error.name)
      : overShare && foundNoConnection(failure)
        ? 'the client has its share of the connections'
        : ''
  return new GatewayError(failure ?? 'internal_error', {
    detail: `${endpoint.name}${text === '' ? '' : `: ${text}`}`,
    cause: error
  })
}
