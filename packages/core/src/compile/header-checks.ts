import type { GatewayConfig, RespondConfig } from '../config/config.js'
import { isManaged } from '../ingress/header-kinds.js'

/** Headers with a meaning that no option may take from them. */
const MEANINGFUL = new Set([
  'accept',
  'accept-encoding',
  'authorization',
  'content-encoding',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'location',
  'origin',
  'range',
  'server',
  'set-cookie',
  'user-agent'
])

/** Headers that say where a message ends: Fastify and Node write them. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'transfer-encoding',
  'trailer',
  'upgrade',
  'keep-alive'
])

/** Yields the problems of the header names that a configuration gives a meaning of their own. */
export function* checkHeaderNames(config: GatewayConfig): Iterable<string> {
  const { requestIdHeader, deadlineHeader, reservedHeaders = [] } = config
  for (const [key, name] of Object.entries({ requestIdHeader, deadlineHeader }))
    if (name !== undefined && (isManaged(name) || MEANINGFUL.has(name)))
      yield `${key}: '${name}' has a meaning of its own; choose a name such as 'x-${key === 'requestIdHeader' ? 'request-id' : 'deadline-ms'}'`
  if (deadlineHeader !== undefined && deadlineHeader === (requestIdHeader ?? 'x-request-id'))
    yield `deadlineHeader: '${deadlineHeader}' carries the request id already; choose another name`
  for (const [index, name] of reservedHeaders.entries())
    if (isManaged(name))
      yield `reservedHeaders[${index}]: '${name}' is the gateway's own business; leave it out`
}

/** Yields the problems of a fixed response: nothing else may reach its head. */
export function* checkRespond(
  { status = 200, headers = {}, body = '' }: RespondConfig,
  at: string
): Iterable<string> {
  yield* checkFields(headers, `${at}.headers`)
  if (body !== '' && (status === 204 || status === 205 || status === 304))
    yield `${at}.body: an answer with status ${status} has no body`
}

/** Yields the fields that cannot be sent, or that Node writes itself. */
export function* checkFields(fields: Readonly<Record<string, string>>, at: string): Iterable<string> {
  for (const [name, value] of Object.entries(fields)) {
    if (FRAMING.has(name.toLowerCase())) yield `${at}: '${name}' is written by the gateway`
    else if (!isHeader(name, value)) yield `${at}: '${name}: ${value}' is no header field`
  }
}

// RFC 9110, sections 5.1 and 5.5: a token, and bytes without controls.
const NAME = /^[\w!#$%&'*+.^`|~-]+$/
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/

/** Whether a text can be the name of a header field (RFC 9110, section 5.1). */
export function isHeaderName(name: string): boolean {
  return NAME.test(name)
}

function isHeader(name: string, value: string): boolean {
  return isHeaderName(name) && !NOT_IN_VALUE.test(value)
}
