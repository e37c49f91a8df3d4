import { printable } from '@gatewright/core'
import { type AccessLogLine, attemptLines, headersLine, type LineSource, queryLine } from './line.js'
import { connectMs, firstByteMs, queueMs } from './phases.js'
import { quoted, shortMemory, thousandths } from './text.js'

/**
 * A line as JSON, with its newline. Written by hand, not by pino's `info(object)`, which takes five times as long: most of
 * what it does per field (serializers, redaction, circles) has nothing to do here. Pino's destination takes it.
 */
export function jsonLine({ exchange, last, timestamp, settings }: LineSource): string {
  const { endedAt, observed, traceId } = exchange
  const attempts = attemptLines(exchange)
  let line = `{"level":"info","timestamp":"${timestamp}"`
  line += `,"request_id":${quoted(exchange.id)}`
  line += `,"method":${name(exchange.method)}`
  line += `,"path":${quoted(exchange.path)}`
  line += `,"host":${quoted(exchange.ingress.host)}`
  line += `,"route":${name(exchange.route?.id)}`
  line += `,"pool":${name(exchange.pool?.id)}`
  line += `,"endpoint":${name(last?.endpoint.name)}`
  line += `,"status":${exchange.status}`
  line += `,"duration_ms":${thousandths(endedAt - exchange.startedAt)}`
  line += `,"upstream_duration_ms":${milliseconds(last && (last.endedAt || endedAt) - last.startedAt)}`
  line += `,"retries":${Math.max(0, exchange.attempts.length - 1)}`
  line += `,"cache":${name(exchange.cache)}`
  line += `,"breaker_state":${name(exchange.breakerState)}`
  line += `,"canary_variant":${name(exchange.variant)}`
  line += `,"reason":${name(exchange.reason)}`
  if (exchange.detail !== '') line += `,"detail":${quoted(exchange.detail)}`
  line += `,"attempts":${attempts === null ? 'null' : encoded(attempts)}`
  line += `,"queue_ms":${milliseconds(last && queueMs(last, endedAt))}`
  line += `,"connect_ms":${milliseconds(last && connectMs(last, endedAt))}`
  line += `,"first_byte_ms":${milliseconds(last && firstByteMs(last))}`
  line += `,"client":${name(exchange.ingress.client)}`
  line += `,"bytes_received":${exchange.bytesReceived}`
  line += `,"bytes_sent":${exchange.bytesSent}`
  line += `,"trace_id":${traceId === '' ? 'null' : quoted(traceId)}`
  line += `,"observed":${observed === null ? 'null' : encoded(observed)}`
  line += `,"fallback":${name(exchange.fallback)}`
  const query = queryLine(exchange, settings)
  if (query !== undefined) line += `,"query":${query === null ? 'null' : quoted(query)}`
  const headers = headersLine(exchange, settings)
  if (headers !== undefined) line += `,"headers":${encoded(headers)}`
  return `${line}}\n`
}

/** The same as an object, with its text made printable as in the log. */
export function plainLine(source: LineSource): AccessLogLine {
  return JSON.parse(jsonLine(source)) as AccessLogLine
}

// Routes, pools, endpoints and clients come back.
const name = shortMemory((text) => (text === null || text === undefined ? 'null' : quoted(text)))

function milliseconds(ms: number | null): string {
  return ms === null ? 'null' : thousandths(ms)
}

function encoded(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'string' ? printable(inner) : inner))
}
