import { type AttemptRecord, type Exchange, printable } from '@gatewright/core'
import { type FieldTexts, UNKNOWN } from './field-texts.js'
import {
  type AccessLogLine,
  attemptLines,
  headersLine,
  isUneventful,
  type LineSource,
  queryLine
} from './line.js'
import { LineFacts } from './line-facts.js'
import { connectMs, endOf, firstByteMs, queueMs } from './phases.js'
import { quoted, thousandths } from './text.js'

/**
 * A line as JSON, with its newline. Written by hand, not by pino's `info(object)`, which takes five times as long: most of
 * its work per field (serializers, redaction, circular values) is not needed here. Pino's destination takes the line.
 */
export function jsonLine(
  { exchange, last, timestamp, settings }: LineSource,
  texts: FieldTexts,
  facts: LineFacts
): string {
  const { endedAt, observed, traceId, ingress } = exchange
  let line = `{"level":"info","timestamp":"${timestamp}","request_id":${quoted(exchange.id)},"method":`
  line += `${texts.of(exchange.method)},"path":${quoted(exchange.path)},"host":${texts.of(ingress.host)}`
  line += texts.place(exchange.route?.id, exchange.pool?.id, last?.endpoint.name)
  line += `${exchange.status},"duration_ms":${thousandths(endedAt - exchange.startedAt)}`
  line += `,"upstream_duration_ms":${milliseconds(last && endOf(last, endedAt) - last.startedAt)}`
  line += outcome(exchange, texts, facts)
  line += `,"queue_ms":${milliseconds(last && queueMs(last, endedAt))}`
  line += `,"connect_ms":${milliseconds(last && connectMs(last, endedAt))}`
  line += `,"first_byte_ms":${milliseconds(last && firstByteMs(last))}`
  line += `,"client":${texts.of(ingress.client)},"bytes_received":${exchange.bytesReceived}`
  line += `,"bytes_sent":${exchange.bytesSent}`
  if (traceId === '' && observed === null && exchange.fallback === null) line += NO_TRACE
  else {
    line += `,"trace_id":${traceId === '' ? 'null' : quoted(traceId)}`
    line += `,"observed":${observed === null ? 'null' : encoded(observed)}`
    line += `,"fallback":${texts.of(exchange.fallback)}`
  }
  line += facts.others(exchange, texts)
  const query = queryLine(exchange, settings)
  if (query !== undefined) line += `,"query":${query === null ? 'null' : quoted(query)}`
  const headers = headersLine(exchange, settings)
  if (headers !== undefined) line += `,"headers":${encoded(headers)}`
  return `${line}}\n`
}

const NO_TRACE = ',"trace_id":null,"observed":null,"fallback":null'

// One attempt that went well: most lines are so.
function isPlain({ attempts, reason, detail }: Exchange): boolean {
  return (
    reason === null && attempts.length === 1 && isUneventful(attempts[0] as AttemptRecord) && detail === ''
  )
}

function outcome(exchange: Exchange, texts: FieldTexts, facts: LineFacts): string {
  if (isPlain(exchange)) return `,"retries":0${facts.always(exchange, texts)},"reason":null,"attempts":null`
  const attempts = attemptLines(exchange)
  let text = `,"retries":${Math.max(0, exchange.attempts.length - 1)}`
  text += facts.always(exchange, texts)
  text += `,"reason":${texts.of(exchange.reason)}`
  if (exchange.detail !== '') text += `,"detail":${quoted(exchange.detail)}`
  return `${text},"attempts":${attempts === null ? 'null' : encoded(attempts)}`
}

/** The same as an object, with its text made printable as in the log. */
export function plainLine(source: LineSource): AccessLogLine {
  return JSON.parse(jsonLine(source, UNKNOWN, new LineFacts(source.exchange.snapshot.facts))) as AccessLogLine
}

function milliseconds(ms: number | null): string {
  return ms === null ? 'null' : thousandths(ms)
}

function encoded(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === 'string' ? printable(inner) : inner))
}
