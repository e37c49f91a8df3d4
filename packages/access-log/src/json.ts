import type { Exchange } from '@gatewright/core'
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
  return `{"level":"info","timestamp":"${timestamp}","request_id":${quoted(exchange.id)},"method":${name(exchange.method)},"path":${quoted(
    exchange.path
  )},"host":${quoted(exchange.ingress.host)},"route":${name(exchange.route?.id)},"pool":${name(exchange.pool?.id)},"endpoint":${name(
    last?.endpoint.name
  )},"status":${exchange.status},"duration_ms":${thousandths(endedAt - exchange.startedAt)},"upstream_duration_ms":${
    last === null ? 'null' : thousandths((last.endedAt || endedAt) - last.startedAt)
  },"retries":${Math.max(0, exchange.attempts.length - 1)},"cache":${name(exchange.cache)},"breaker_state":${name(
    exchange.breakerState
  )},"canary_variant":${name(exchange.variant)},"reason":${name(exchange.reason)}${detail(exchange)},"attempts":${
    attempts === null ? 'null' : encoded(attempts)
  },"queue_ms":${milliseconds(last && queueMs(last, endedAt))},"connect_ms":${milliseconds(
    last && connectMs(last, endedAt)
  )},"first_byte_ms":${milliseconds(last && firstByteMs(last))},"client":${name(exchange.ingress.client)},"bytes_received":${
    exchange.bytesReceived
  },"bytes_sent":${exchange.bytesSent},"trace_id":${traceId === '' ? 'null' : quoted(traceId)},"observed":${
    observed === null ? 'null' : encoded(observed)
  },"fallback":${name(exchange.fallback)}${asked(exchange, settings)}}\n`
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

function detail({ detail }: Exchange): string {
  return detail === '' ? '' : `,"detail":${quoted(detail)}`
}

function asked(exchange: Exchange, settings: LineSource['settings']): string {
  const query = queryLine(exchange, settings)
  const headers = headersLine(exchange, settings)
  return (
    (query === undefined ? '' : `,"query":${query === null ? 'null' : quoted(query)}`) +
    (headers === undefined ? '' : `,"headers":${encoded(headers)}`)
  )
}

/** JSON of a value whose strings may hold anything. */
function encoded(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'string' ? JSON.parse(quoted(inner)) : inner))
}
