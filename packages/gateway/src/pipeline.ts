import { accessLog } from '@gatewright/access-log'
import { auth } from '@gatewright/auth'
import { balancing } from '@gatewright/balancing'
import { circuitBreaker } from '@gatewright/circuit-breaker'
import { compression } from '@gatewright/compression'
import { type CoreOptions, core } from '@gatewright/core'
import { cors } from '@gatewright/cors'
import { discovery } from '@gatewright/discovery'
import { filters } from '@gatewright/filters'
import { flightRecorder } from '@gatewright/flight-recorder'
import { health } from '@gatewright/health'
import { type MetricsListener, metrics } from '@gatewright/metrics'
import { overload } from '@gatewright/overload'
import { proxy } from '@gatewright/proxy'
import { rateLimit } from '@gatewright/rate-limit'
import { retry } from '@gatewright/retry'
import { routing } from '@gatewright/routing'
import { securityHeaders } from '@gatewright/security-headers'
import { transform } from '@gatewright/transform'
import { validation } from '@gatewright/validation'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'
import type { GatewayPlugin, GatewayPluginOptions } from './plugin-types.js'

/** Everything the parts need; what tests and `createGateway` set beside the configuration. */
export interface PipelineOptions extends CoreOptions {
  /** The path under which the route table is mounted; `''` for the root. */
  readonly mount: string
  /** Who answers what no route takes. Default: the app, by its not-found handler. */
  readonly notFound?: 'app' | 'gateway'
  /** Who serves metrics where the configuration does not say. Default: the app. */
  readonly listener?: MetricsListener
  /** Registers what must come before the route table, such as plugins that attach themselves to routes. */
  readonly extend?: (app: FastifyInstance) => Promise<void>
}

/** The life of a request, top to bottom. Order here is order at run time. */
export const pipeline: FastifyPluginAsync<PipelineOptions> = fp(
  async function pipeline(
    app: FastifyInstance,
    { mount, notFound = 'app', extend, listener = 'app', ...options }: PipelineOptions
  ) {
    await app.register(core, options) //     opens the exchange: canonical path, headers checked, request id
    await app.register(rateLimit) //         admission: whether the client has asked too often
    await app.register(overload) //          admission: whether the request is let in, and when
    await app.register(securityHeaders) // admitted: whether the client has TLS; security headers of responses
    await app.register(cors) //              admitted: preflights are answered; CORS fields of responses
    await app.register(auth) //              who the request is from, and whether it may do this
    await app.register(validation) //        whether the request, and the response, is what its schema says
    await app.register(circuitBreaker) //    per attempt: whether the pool is tried at all
    await app.register(discovery) //         which endpoints there are
    await app.register(health) //            which of them are usable, and by how much
    await app.register(retry) //             whether another attempt follows, and not where it has been
    await app.register(balancing) //         which endpoint is tried
    await app.register(filters) //           whom to ask before the request is forwarded
    await app.register(transform) //         what is changed in requests and responses on their way
    await app.register(compression) //          responses are compressed, when all others are done with them
    await app.register(proxy) //             forward: the attempt loop and both bodies
    await app.register(metrics, { listener }) // told of attempts, exchanges and events
    await app.register(flightRecorder) //    the same, for `why(requestId)`
    await app.register(accessLog) //         told when the exchange is over
    await extend?.(app) //                   the user's own plugins, policies and native routes
    await app.register(routing, { prefix: mount, notFound }) // the route table, its hooks and local answers
  },
  { fastify: '5.x', name: '@gatewright/pipeline' }
)

/**
 * The gateway as a Fastify plugin. Routes of the table answer what the app's own routes do not; native routes
 * join in with `config: { gateway: { pool } }` and the handler `app.gateway.forward`.
 */
export const gateway = fp(
  async function gateway(app: FastifyInstance, { prefix = '', ...config }: GatewayPluginOptions) {
    await app.register(pipeline, { config, mount: prefix })
  },
  { fastify: '5.x', name: '@gatewright/gateway' }
) as GatewayPlugin
