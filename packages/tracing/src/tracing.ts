import type { AttemptRecord, Endpoint, Exchange } from '@gatewright/core'
import {
  type Context,
  context,
  propagation,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapSetter,
  TraceFlags,
  type Tracer,
  trace
} from '@opentelemetry/api'
import {
  attemptAttributes,
  attemptOutcome,
  defined,
  hasFailed,
  outcomeAttributes,
  patternOf,
  plain,
  requestAttributes
} from './attributes.js'
import { spanName } from './methods.js'

/** The spans of one exchange that are not over. */
interface Trace {
  readonly span: Span
  readonly context: Context
  readonly attempts: Map<AttemptRecord, Span>
}

/** Makes the spans of exchanges and their attempts. */
export class Tracing {
  readonly #tracer: Tracer
  readonly #traces = new WeakMap<Exchange, Trace>()

  constructor(tracer: Tracer) {
    this.#tracer = tracer
  }

  /**
   * The request has arrived; `startTime` in milliseconds since the epoch, default now. Returns the context for everything
   * that is done for it.
   */
  begin(exchange: Exchange, startTime?: number): Context {
    const active = context.active()
    // An instrumentation of Fastify or of Node's server has begun a span of its own: then ours is a part of it.
    const inside = trace.getSpan(active) !== undefined
    const parent = inside ? active : parentOf(exchange)
    const span = this.#tracer.startSpan(
      inside ? 'gateway' : spanName(exchange.method),
      {
        kind: inside ? SpanKind.INTERNAL : SpanKind.SERVER,
        attributes: requestAttributes(exchange),
        ...(startTime === undefined ? {} : { startTime })
      },
      parent
    )
    const own = trace.setSpan(parent, span)
    const { traceId, traceFlags } = span.spanContext()
    exchange.traceId = traceId
    exchange.traceSampled = (traceFlags & TraceFlags.SAMPLED) !== 0
    this.#traces.set(exchange, { span, context: own, attempts: new Map() })
    return own
  }

  /** A route has matched the request. */
  matched(exchange: Exchange): void {
    const { route, pool } = exchange
    const attributes = {
      'gatewright.route.id': route?.id,
      'http.route': patternOf(route),
      'gatewright.pool.id': pool?.id
    }
    this.#traces.get(exchange)?.span.addEvent('gatewright.route', defined(attributes))
  }

  attemptStarted(endpoint: Endpoint, exchange: Exchange): void {
    const known = this.#traces.get(exchange)
    const attempt = exchange.attempts.at(-1)
    if (known === undefined || attempt === undefined) return
    const attributes = attemptAttributes(endpoint, exchange, attempt.number)
    const span = this.#tracer.startSpan(
      spanName(exchange.method),
      { kind: SpanKind.CLIENT, attributes },
      known.context
    )
    known.attempts.set(attempt, span)
  }

  /** The attempt's head is about to be made: another attempt may have set its own headers in between. */
  attemptSending(attempt: AttemptRecord, exchange: Exchange): void {
    const known = this.#traces.get(exchange)
    const span = known?.attempts.get(attempt)
    if (known === undefined || span === undefined) return
    // What an untrusted client says of its trace goes no further.
    for (const name of propagation.fields()) exchange.dropHeader(name)
    propagation.inject(trace.setSpan(known.context, span), exchange, SETTER)
  }

  attemptEnded(attempt: AttemptRecord, exchange: Exchange): void {
    const known = this.#traces.get(exchange)
    const span = known?.attempts.get(attempt)
    if (known === undefined || span === undefined) return
    known.attempts.delete(attempt)
    const attributes = attemptOutcome(attempt)
    span.setAttributes(attributes)
    if (attributes['error.type'] !== undefined) span.setStatus({ code: SpanStatusCode.ERROR })
    span.end()
  }

  /** Something that a policy did for the exchange. */
  note(exchange: Exchange, name: string, details: object): void {
    this.#traces.get(exchange)?.span.addEvent(`gatewright.${name}`, plain(details))
  }

  /** The exchange has ended. One that no hook has seen, because its request was not HTTP, gets its span now. */
  end(exchange: Exchange): void {
    if (!this.#traces.has(exchange))
      this.begin(exchange, Date.now() - (exchange.endedAt - exchange.startedAt))
    const known = this.#traces.get(exchange)
    if (known === undefined) return
    this.#traces.delete(exchange)
    const { span, attempts } = known
    for (const open of attempts.values()) open.end()
    if (span.isRecording()) {
      const attributes = outcomeAttributes(exchange)
      span.setAttributes(attributes)
      const route = attributes['http.route'] ?? exchange.route?.id
      if (route !== undefined) span.updateName(`${spanName(exchange.method)} ${route}`)
      if (hasFailed(exchange)) span.setStatus({ code: SpanStatusCode.ERROR })
    }
    span.end()
  }
}

// A trace is continued for trusted peers only: anybody else could join, or flood, the traces of others.
function parentOf({ ingress, headers }: Exchange): Context {
  return ingress.peerTrusted ? propagation.extract(ROOT_CONTEXT, headers) : ROOT_CONTEXT
}

const SETTER: TextMapSetter<Exchange> = {
  set: (exchange, name, value) => exchange.forwardHeader(name, value)
}
