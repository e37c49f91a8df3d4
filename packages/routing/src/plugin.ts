import { METHODS } from 'node:http'
import {
  admit,
  checkPluginOptions,
  type Exchange,
  type Gateway,
  InvalidValueError,
  MOUNTED
} from '@gatewright/core'
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler
} from 'fastify'
import fp from 'fastify-plugin'
import { noRoute, respond } from './answers.js'
import { routeHooks } from './hooks.js'
import { locationOf } from './location.js'
import { createRouteTable } from './table.js'

/** Options of the routing plugin. */
export interface RoutingOptions {
  /**
   * The path under which the route table is mounted, such as `/api`, without a trailing slash. The table sees whole
   * paths, this one included. Default `''`: all paths.
   */
  readonly prefix?: string
}

const PREFIX = /^(?:\/[\w.~-]+)*$/

/**
 * Sets `app.gateway.router` and mounts the route table as one catch-all Fastify route. Routes of the app itself are
 * more specific and go first. Throws GW_VALUE_INVALID for a `prefix` that is no plain path.
 */
export const routing: FastifyPluginAsync<RoutingOptions> = fp(
  async function routing(app: FastifyInstance, options: RoutingOptions) {
    checkPluginOptions('@gatewright/routing', options, ['prefix'])
    const { prefix = '' } = options
    if (!PREFIX.test(prefix)) throw new InvalidValueError('prefix', "'' or a path such as '/api'")
    app.gateway.router = createRouteTable
    const { onRequest = [], ...hooks } = routeHooks(app)
    const methods = allMethods(app)
    // Apart, since the forwarder adds hooks to routes with methods whose bodies Fastify would parse.
    for (const url of prefix === '' ? ['/*'] : [prefix, `${prefix}/*`])
      for (const method of [methods.filter(isBodiless), methods.filter((name) => !isBodiless(name))])
        app.route({
          method,
          url,
          exposeHeadRoute: false,
          config: { gateway: MOUNTED },
          onRequest: [matchRoute, ...[onRequest].flat()],
          ...hooks,
          handler: dispatcher(app.gateway)
        })
  },
  { fastify: '5.x', name: '@gatewright/routing', dependencies: ['@gatewright/core'] }
)

// TRACE too, for a proper 405. CONNECT never gets as far as Fastify.
function allMethods(app: FastifyInstance): string[] {
  for (const method of METHODS)
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method))
      app.addHttpMethod(method, { hasBody: true })
  return app.supportedMethods.filter((method) => method !== 'CONNECT')
}

function isBodiless(method: string): boolean {
  return method === 'GET' || method === 'HEAD' || method === 'TRACE'
}

const matchRoute: onRequestHookHandler = function matchRoute(request, _reply, done) {
  const exchange = request.exchange as Exchange
  const found = exchange.snapshot.table?.find(exchange)
  if (found) {
    exchange.route = found.route
    exchange.pool = found.route.pool
    exchange.params = found.params
    request.params = found.params ?? {}
  }
  const { stages } = this.gateway
  if (stages.admissions.length === 0) done()
  else admit(stages, exchange, done)
}

function dispatcher(gateway: Gateway) {
  return function dispatch(this: FastifyInstance, request: FastifyRequest, reply: FastifyReply): unknown {
    const exchange = request.exchange as Exchange
    const { route } = exchange
    if (route === null) throw noRoute(exchange)
    const { action } = route
    switch (action.kind) {
      case 'forward':
        gateway.forward(request, reply)
        return undefined
      case 'handler':
        return action.handler.call(this, request, reply)
      case 'respond':
        return respond(reply, action.respond)
      case 'redirect':
        return reply.redirect(locationOf(action.redirect, exchange, route), action.redirect.status ?? 302)
    }
  }
}
