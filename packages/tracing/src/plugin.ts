import { createRequire } from 'node:module'
import { checkPluginOptions, type Exchange } from '@gatewright/core'
import { context, ProxyTracerProvider, trace } from '@opentelemetry/api'
import type { FastifyInstance, FastifyPluginAsync, onRequestHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { Tracing } from './tracing.js'

const require = createRequire(import.meta.url)
const { version } = require('../package.json') as { version: string }

/**
 * Spans by the OpenTelemetry API: one for each gateway request, one for each attempt, and events for what policies did.
 * Without an SDK that was registered before this plugin, it adds nothing and costs nothing.
 */
export const tracing: FastifyPluginAsync = fp(
  async function tracing(app: FastifyInstance, options: object) {
    checkPluginOptions('@gatewright/tracing', options, [], 'the SDK has them')
    if (!hasSdk()) return
    const { stages, events } = app.gateway
    const spans = new Tracing(trace.getTracer('@gatewright/tracing', version))

    const begin: onRequestHookHandler = function beginSpan(request, _reply, done) {
      context.with(spans.begin(request.exchange as Exchange), done)
    }
    app.addHook('onRoute', function traceRoute(route) {
      if (route.config?.gateway === undefined) return
      const [open, ...others] = [route.onRequest ?? []].flat() as onRequestHookHandler[]
      route.onRequest = [open as onRequestHookHandler, begin, ...others]
    })
    // Asked when the route is known, before all others.
    stages.admissions.unshift({
      name: 'tracing',
      admit(exchange, done) {
        spans.matched(exchange)
        done()
      }
    })
    stages.observers.push({
      started: (endpoint, exchange) => spans.attemptStarted(endpoint, exchange),
      sending: (attempt, exchange) => spans.attemptSending(attempt, exchange),
      ended: (attempt, exchange) => spans.attemptEnded(attempt, exchange)
    })
    // The other observers are to see the trace's id.
    stages.exchangeObservers.unshift({
      turnedAway: (exchange) => void spans.begin(exchange),
      closed: (exchange) => spans.end(exchange)
    })
    events.each((name, { span = false }) => {
      if (span) events.on(name, (event) => noteEvent(spans, name, event))
    })
  },
  { fastify: '5.x', name: '@gatewright/tracing', dependencies: ['@gatewright/core'] }
)

function noteEvent(spans: Tracing, name: string, event: object): void {
  const { exchange, ...details } = event as { readonly exchange?: Exchange }
  if (exchange !== undefined) spans.note(exchange, name, details)
}

// Until an SDK is registered, the API hands out a stand-in whose delegate does nothing.
function hasSdk(): boolean {
  const provider = trace.getTracerProvider()
  return !(
    provider instanceof ProxyTracerProvider &&
    provider.getDelegate().constructor.name === 'NoopTracerProvider'
  )
}
