import { METHODS } from 'node:http'
import {
  checkPluginOptions,
  collectProblems,
  type Exchange,
  enterRoute,
  findForPreflight,
  type Gateway,
  type GatewayConfig,
  InvalidValueError,
  MOUNTED,
  preflightMethod
} from '@gatewright/core'
import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyReply,
  FastifyRequest,
  FastifySchema,
  onRequestHookHandler
} from 'fastify'
import fp from 'fastify-plugin'
import { leaveToApp, noRoute, respond } from './direct-responses.js'
import { showToLaterHooks } from './later-hooks.js'
import { locationOf } from './location.js'
import { missedPreflights } from './missed-preflights.js'
import { Mount, type MountPlan } from './mount.js'
import { checkMount, warnOfGaps } from './mount-checks.js'
import { basesOf } from './mount-points.js'
import { NativePaths } from './native-paths.js'
import { pathReading } from './path-index.js'
import { PreflightMount } from './preflight-mount.js'
import { createRouteTableInSteps } from './table.js'

/** Options of the routing plugin. */
export interface RoutingOptions {
  /**
   * The path under which the route table is mounted, such as `/api`, without a trailing slash. The table sees whole
   * paths, this one included. Default `''`: all paths that no route of the app takes.
   */
  readonly prefix?: string
  /**
   * Who answers what no route takes. `app` (default): the app's not-found handler, and without routes nothing is
   * mounted. `gateway`: the gateway, for all paths.
   */
  readonly notFound?: 'app' | 'gateway'
}

const PREFIX = /^(?:\/[\w.~-]+)*$/

/**
 * Sets `app.gateway.router` and mounts the route table as catch-all Fastify routes. Routes of the app itself go first,
 * in whichever order they are registered. Throws GW_VALUE_INVALID for a `prefix` that is no plain path.
 */
export const routing: FastifyPluginAsync<RoutingOptions> = fp(
  async function routing(app: FastifyInstance, options: RoutingOptions) {
    checkPluginOptions('@gatewright/routing', options, ['prefix', 'notFound'])
    const { prefix = '', notFound = 'app' } = options
    if (!PREFIX.test(prefix)) throw new InvalidValueError('prefix', "'' or a path such as '/api'")
    const { gateway } = app
    gateway.router = createRouteTableInSteps
    const { routes = [] } = gateway.usable
    const ownOptions = (): ReturnType<MountPlan['options']> => ({
      exposeHeadRoute: false,
      schema: HIDDEN,
      config: { gateway: MOUNTED },
      onRequest: matchRoute,
      handler: dispatcher(gateway, notFound === 'app')
    })
    const isMounted = routes.length > 0 || notFound === 'gateway'
    const preflights =
      gateway.answersPreflights && !(isMounted && prefix === '') ? new PreflightMount(app, ownOptions) : null
    if (!isMounted) {
      gateway.checks.push(checkNothingMounted)
      gateway.changes.push({
        name: 'routing',
        *prepare(next, _previous, problems) {
          const { mounted = [] } = preflights?.mount ?? {}
          if (preflights !== null)
            next.natives = new NativePaths(gateway.appRoutes, mounted, pathReading(app), false)
          yield* collectProblems(missedPreflights(next, '', preflights?.mount ?? null, null), problems)
          return undefined
        }
      })
      return
    }
    const whole = app.prefix + prefix
    const mount = new Mount(app, {
      prefix,
      bases: prefix === '' ? basesOf(routes, app.prefix) : [],
      methods: allMethods(app),
      options: ownOptions
    })
    showToLaterHooks(app, mount.routes)
    gateway.checks.push((config) => checkMount(config, whole, mount, gateway.appRoutes))
    gateway.changes.push({
      name: 'routing',
      *prepare(next, _previous, problems) {
        const strict = next.config.nativeFirst === 'strict'
        const mounted = [...mount.mounted, ...(preflights?.mount?.mounted ?? [])]
        const lookup = new NativePaths(gateway.appRoutes, mounted, pathReading(app), strict)
        if (gateway.appRoutes.length > 0) next.natives = lookup
        yield* collectProblems(
          missedPreflights(next, app.prefix, preflights?.mount ?? mount, mount),
          problems
        )
        return { commit: () => warnOfGaps(app, next, mount) }
      }
    })
  },
  { fastify: '5.x', name: '@gatewright/routing', dependencies: ['@gatewright/core'] }
)

// Fastify takes no routes once it has started.
function* checkNothingMounted({ routes = [] }: GatewayConfig): Iterable<string> {
  if (routes.length > 0) yield 'routes: needs a restart, as the gateway began without any'
}

/** Keeps the table's routes out of the documents of plugins such as @fastify/swagger. */
const HIDDEN = { hide: true } as FastifySchema

// TRACE too, for a proper 405. CONNECT never gets as far as Fastify.
function allMethods(app: FastifyInstance): string[] {
  for (const method of METHODS)
    if (method !== 'CONNECT' && !app.supportedMethods.includes(method))
      app.addHttpMethod(method, { hasBody: true })
  return app.supportedMethods.filter((method) => method !== 'CONNECT')
}

const matchRoute: onRequestHookHandler = function matchRoute(request, reply, done) {
  const exchange = request.exchange as Exchange
  const { snapshot } = exchange
  const { natives, table } = snapshot
  const asked = snapshot.preflights.size === 0 ? '' : preflightMethod(exchange)
  const preflight = asked === '' ? null : findForPreflight(snapshot, exchange, asked)
  if (preflight?.answered === true) exchange.preflightMethod = asked
  else {
    const refusal = natives === null ? null : natives.refusal(exchange)
    if (refusal !== null) {
      done(refusal)
      return
    }
  }
  const found = preflight === null ? table?.find(exchange) : preflight.found
  if (found) {
    exchange.route = found.route
    exchange.pool = found.route.pool
    exchange.params = found.params
    request.params = found.params ?? {}
  }
  enterRoute(this, request, reply, done)
}

function dispatcher(gateway: Gateway, leavesNotFound: boolean) {
  return function dispatch(this: FastifyInstance, request: FastifyRequest, reply: FastifyReply): unknown {
    const exchange = request.exchange as Exchange
    const { route } = exchange
    if (route === null) {
      const error = noRoute(exchange)
      if (!leavesNotFound || error.reason !== 'route_not_found') throw error
      return leaveToApp(exchange, reply)
    }
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
