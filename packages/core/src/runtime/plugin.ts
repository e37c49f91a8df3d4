import type { FastifyBaseLogger, FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { GatewayConfig, NativeRouteConfig } from '../config/config.js'
import { checkCoreOptions } from '../config/plugin-options.js'
import { decorateClientFacts } from '../ingress/client-facts.js'
import { createRequestIds } from '../ingress/request-id.js'
import { resolveIngress } from '../ingress/resolve-ingress.js'
import { wideEntries } from '../ingress/wide-trust.js'
import { listRoutes } from '../model/app-routes.js'
import { type Chance, type Clock, monotonic } from '../model/clock.js'
import type { Exchange } from '../model/exchange.js'
import type { IngressPlan } from '../model/ingress-plan.js'
import type { IngressSettings } from '../model/ingress-settings.js'
import { BOUND, MOUNTED } from '../model/mounted.js'
import type { StepPhase } from '../model/pipeline.js'
import type { NativeRoute, Snapshot } from '../model/snapshot.js'
import { unusedPools } from '../model/unused-pools.js'
import { createSendHook, enterRoute, runOnResponse, runPreHandlers } from '../pipeline/run-phases.js'
import { createErrorHandler } from '../responses/error-response.js'
import { createErrorNote } from '../responses/thrown-errors.js'
import type { ChangeOrigin } from './history.js'
import { Gateway } from './kernel.js'
import { createOpening, type OpenExchange, type Opening } from './opening.js'
import { settleTickShape } from './tick-shape.js'
import { processTimers, type Timers } from './timers.js'
import type { TransportFactory } from './transport.js'
import { UnlistedRoutes } from './unlisted-routes.js'

/** Options of the core plugin: the configuration, and what tests replace. */
export interface CoreOptions {
  readonly config: GatewayConfig
  /** Default: the process's monotonic clock. */
  readonly clock?: Clock
  /** Default: `Math.random`. */
  readonly chance?: Chance
  /** Default: the process's timers. */
  readonly timers?: Timers
  /** Makes connections in place of undici's. Default: real ones. */
  readonly transport?: TransportFactory
  /** How many processes serve the same traffic: limits that count in memory are divided by it. Default 1. */
  readonly processes?: number
  /** Where the configuration comes from, for the history. */
  readonly origin?: ChangeOrigin
}

/**
 * Decorates the app with `gateway` and gives every route that carries `config.gateway` an exchange.
 * The configuration is compiled when the app becomes ready.
 */
export const core: FastifyPluginAsync<CoreOptions> = fp(
  async function core(app: FastifyInstance, options: CoreOptions) {
    checkCoreOptions(options)
    settleTickShape()
    const { config, clock = monotonic, chance = Math.random, timers = processTimers, transport } = options
    const { processes = 1, origin = {} } = options
    const gateway = new Gateway({ config, clock, chance, timers, processes, origin })
    gateway.faults.sink = app.log
    gateway.transport = transport ?? null
    app.decorate('gateway', gateway)
    app.decorateRequest('exchange', null)

    const unlisted = new UnlistedRoutes(app, listRoutes(app, gateway.appRoutes))
    gateway.checks.push((config) => unlisted.check(config))
    const runsOnResponse = usesPhase(gateway.usable, 'onResponse')
    const { open, begin } = openingFor(app, runsOnResponse)
    const noteError = createErrorNote(begin)
    const errorHandler = createErrorHandler(() => ingressOf(gateway))
    const runOnSend = createSendHook()
    app.addHook('onRoute', function bindGateway(route) {
      const own = route.config?.gateway
      if (own === undefined) {
        if (route.handler === gateway.forward) gateway.checks.push(() => aimless(route))
        return
      }
      route.config = { ...route.config, [BOUND]: true } as NonNullable<RouteOptions['config']>
      const bind = own === MOUNTED ? [] : [createBind(registered(route, gateway, own))]
      route.onRequest = [open, ...bind, ...listOf(route.onRequest)]
      route.preHandler = [runPreHandlers, ...listOf(route.preHandler)]
      route.onSend = [runOnSend, ...listOf(route.onSend)]
      route.onError = [noteError, ...listOf(route.onError)]
      if (runsOnResponse) route.onResponse = [runOnResponse, ...listOf(route.onResponse)]
      route.errorHandler ??= errorHandler as NonNullable<RouteOptions['errorHandler']>
    })
    gateway.checks.push(function* checkTable({ routes = [] }) {
      if (routes.length > 0 && gateway.router === null) yield "routes: needs the plugin '@gatewright/routing'"
    })
    gateway.checks.push(function* checkLint({ lint }) {
      const isHeld = gateway.changes.some(({ name }) => name === '@gatewright/lint')
      if ((lint?.failOn ?? 'never') !== 'never' && !isHeld)
        yield "lint.failOn: needs the plugin '@gatewright/lint'"
    })
    // Before the hooks of other parts; a preClose hook would have the server take connections for longer.
    app.server.once('close', () => gateway.endChanges())
    app.addHook('onClose', async function closeCore() {
      gateway.endChanges()
      gateway.faults.close()
    })
    gateway.changes.push({ name: 'core', prepare: (next) => ({ commit: () => warnOf(next, app.log) }) })
    app.addHook('onReady', async function compileConfig() {
      unlisted.addTo(gateway)
      await gateway.apply()
    })
  },
  { fastify: '5.x', name: '@gatewright/core' }
)

function aimless({ method, url }: RouteOptions): string[] {
  return [
    `${[method].flat().join(',')} ${url}: forwards, but to no pool; add config: { gateway: { pool: '…' } }`
  ]
}

/** Logs warnings about valid but risky configuration. */
function warnOf(snapshot: Snapshot, log: FastifyBaseLogger): void {
  for (const id of unusedPools(snapshot))
    log.warn({ pool: id }, 'no route and no fallback leads to this pool')
  for (const [id, { settings, config }] of snapshot.pools)
    if (!settings.tls.rejectUnauthorized)
      log.warn({ pool: id, because: config.tls?.insecureBecause }, 'upstream TLS is NOT verified')
  const wide = wideEntries(snapshot.config.trustedProxies ?? [])
  if (wide.length > 0)
    log.warn(
      { trustedProxies: wide },
      'everybody in these ranges can say who they are, by X-Forwarded-For and the like, and choose the request id: limits and logs by client mean nothing then; list the addresses of your own proxies'
    )
}

// Before the start nothing is served, but Fastify may ask.
function ingressOf(gateway: Gateway): IngressPlan {
  return gateway.current?.ingress ?? resolveIngress(gateway.usable, undefined, gateway.keys)
}

function openingFor(app: FastifyInstance, runsOnResponse: boolean): Opening {
  const { gateway, log } = app
  const settings = (): IngressSettings => ingressOf(gateway).settings
  // Trusted proxies of a later configuration determine the client too.
  if (!decorateClientFacts(app, settings) && (gateway.usable.trustedProxies ?? []).length > 0)
    log.warn(
      'request.ip, protocol and host are decided by the trustProxy of the Fastify app, not by trustedProxies: leave it out, or keep both the same'
    )
  // Fastify's own numbers are unique in one process only; an app that has ids of its own keeps them.
  const { genReqId } = app as FastifyInstance & { readonly genReqId?: { readonly name: string } }
  if (genReqId?.name === 'defaultGenReqId') app.setGenReqId(createRequestIds(settings))
  return createOpening({
    clock: gateway.clock,
    snapshot: () => gateway.snapshot,
    counter: gateway,
    runsOnResponse,
    report: gateway.faults.report
  })
}

// Fastify adds a HEAD route to a GET route, with the same options: it is the same route to us.
function registered(
  { method, url }: RouteOptions,
  { native }: Gateway,
  config: NativeRouteConfig
): NativeRoute {
  const twin = native.find((route) => route.config === config && isGet(route.name, url))
  if (method === 'HEAD' && twin !== undefined) return twin
  const route = { name: `${[method].flat().join(',')} ${url}`, config }
  native.push(route)
  return route
}

function isGet(name: string, url: string): boolean {
  const [methods = '', of] = name.split(' ')
  return of === url && methods.split(',').includes('GET')
}

// Fastify matches a native route; its compiled form is looked up in the snapshot.
function createBind(native: NativeRoute): OpenExchange {
  return function bindRoute(request, reply, done) {
    const exchange = request.exchange as Exchange
    const compiled = exchange.snapshot.native.get(native) ?? null
    exchange.route = compiled
    exchange.pool = compiled?.pool ?? null
    exchange.params = request.params as Record<string, string>
    enterRoute(request.server, request, reply, done)
  }
}

function listOf<T>(hooks: T | T[] | undefined): T[] {
  return ([] as T[]).concat(hooks ?? [])
}

// The configuration has not been checked yet: whatever has another shape is reported when it is compiled.
function usesPhase(config: GatewayConfig, phase: StepPhase): boolean {
  const parts = [config, ...Object.values(config.policies ?? {}), ...(config.routes ?? [])]
  return parts.some(({ hooks }) => hooks?.[phase] !== undefined)
}
