import type { FastifyInstance, FastifyPluginAsync, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { admit } from '../attempts/stage-calls.js'
import type { GatewayConfig, NativeRouteConfig } from '../config/config.js'
import { checkCoreOptions } from '../config/plugin-options.js'
import { sizeBytes } from '../config/size.js'
import { tellClientFacts } from '../ingress/client-facts.js'
import { createIngressReader } from '../ingress/ingress.js'
import { createOpening, type OpenExchange, type Opening } from '../ingress/opening.js'
import { createRequestIds } from '../ingress/request-id.js'
import { checkCidr, createTrust } from '../ingress/trust.js'
import { wideEntries } from '../ingress/wide-trust.js'
import { listRoutes } from '../model/app-routes.js'
import type { NativeRoute } from '../model/compile.js'
import type { Exchange } from '../model/exchange.js'
import { BOUND, MOUNTED } from '../model/mounted.js'
import { unusedPools } from '../model/unused-pools.js'
import { createErrorHandler } from '../responses/answer.js'
import { createErrorNote, tellThrown } from '../responses/thrown-errors.js'
import { type Chance, type Clock, monotonic } from './clock.js'
import { Gateway } from './kernel.js'
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
}

/**
 * Decorates the app with `gateway` and gives every route that carries `config.gateway` an exchange.
 * The configuration is compiled when the app becomes ready.
 */
export const core: FastifyPluginAsync<CoreOptions> = fp(
  async function core(app: FastifyInstance, options: CoreOptions) {
    checkCoreOptions(options)
    const { config, clock = monotonic, chance = Math.random, timers = processTimers, transport } = options
    const gateway = new Gateway({ config, clock, chance, timers })
    gateway.faults.sink = app.log
    gateway.transport = transport ?? null
    app.decorate('gateway', gateway)
    app.decorateRequest('exchange', null)

    const { usable } = gateway
    const unlisted = new UnlistedRoutes(app, listRoutes(app, gateway.appRoutes))
    gateway.checks.push((config) => unlisted.check(config))
    const { open, begin } = openingFor(app, usable)
    const noteError = createErrorNote(begin)
    const errorHandler = createErrorHandler(usable.reasonHeader ?? false)
    app.addHook('onRoute', function bindGateway(route) {
      const own = route.config?.gateway
      if (own === undefined) {
        if (route.handler === gateway.forward) gateway.checks.push(() => aimless(route))
        return
      }
      route.config = { ...route.config, [BOUND]: true } as NonNullable<RouteOptions['config']>
      route.onRequest = [open, ...([route.onRequest ?? []].flat() as OpenExchange[])]
      route.onError = [noteError, ...([route.onError ?? []].flat() as (typeof noteError)[])]
      if (usable.reasonHeader === true)
        route.onSend = [tellThrown, ...([route.onSend ?? []].flat() as (typeof tellThrown)[])]
      route.errorHandler ??= errorHandler as NonNullable<RouteOptions['errorHandler']>
      if (own !== MOUNTED) bindNative(route, registered(route, gateway, own), usable, gateway)
    })
    gateway.checks.push(function* checkTable({ routes = [] }) {
      if (routes.length > 0 && gateway.router === null) yield "routes: needs the plugin '@gatewright/routing'"
    })
    app.addHook('onClose', async function closeFaults() {
      gateway.faults.close()
    })
    app.addHook('onReady', async function compileConfig() {
      unlisted.addTo(gateway)
      const snapshot = gateway.compile()
      for (const id of unusedPools(snapshot))
        app.log.warn({ pool: id }, 'no route and no fallback leads to this pool')
      for (const [id, pool] of snapshot.pools)
        if (!pool.settings.tls.rejectUnauthorized)
          app.log.warn(
            { pool: id, because: config.pools?.[id]?.tls?.insecureBecause },
            'upstream TLS is NOT verified'
          )
    })
  },
  { fastify: '5.x', name: '@gatewright/core' }
)

function aimless({ method, url }: RouteOptions): string[] {
  return [
    `${[method].flat().join(',')} ${url}: forwards, but to no pool; add config: { gateway: { pool: '…' } }`
  ]
}

function openingFor(app: FastifyInstance, config: GatewayConfig): Opening {
  const { gateway, log } = app
  const { clock, stages } = gateway
  // A wrong entry is reported with all other problems when the configuration is compiled.
  const proxies = (config.trustedProxies ?? []).filter((entry) => checkCidr(String(entry)) === undefined)
  const requestIdHeader = config.requestIdHeader ?? 'x-request-id'
  const trust = createTrust(proxies)
  const believes = config.forwarded === 'rfc7239' ? 'rfc7239' : 'x-forwarded'
  if (proxies.length > 0 && !tellClientFacts(app, { trust, believes }))
    log.warn(
      'request.ip, protocol and host are decided by the trustProxy of the Fastify app, not by trustedProxies: leave it out, or keep both the same'
    )
  const wide = wideEntries(proxies)
  if (wide.length > 0)
    log.warn(
      { trustedProxies: wide },
      'everybody in these ranges can say who they are, by X-Forwarded-For and the like, and choose the request id: limits and logs by client mean nothing then; list the addresses of your own proxies'
    )
  // Fastify's own numbers are unique in one process only; an app that has ids of its own keeps them.
  const { genReqId } = app as FastifyInstance & { readonly genReqId?: { readonly name: string } }
  if (genReqId?.name === 'defaultGenReqId') app.setGenReqId(createRequestIds(trust, requestIdHeader))
  const readIngress = createIngressReader({
    trust,
    believes,
    requestIdHeader,
    deadlineHeader: config.deadlineHeader ?? '',
    reservedHeaders: new Set(config.reservedHeaders),
    underscores: config.underscores ?? 'reject',
    maxHeaders: config.maxHeaders ?? 100,
    maxUrlBytes: sizeBytes(config.maxUrlSize ?? '8KiB') ?? 8_192
  })
  const observers = stages.exchangeObservers
  return createOpening({
    clock,
    requestIdHeader,
    via: config.via ?? '',
    readIngress,
    observers,
    snapshot: () => gateway.snapshot,
    counter: gateway,
    report: gateway.faults.tell
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

// A native route is matched by Fastify; what was compiled of it is looked up in the snapshot.
function bindNative(
  route: RouteOptions,
  native: NativeRoute,
  config: GatewayConfig,
  { stages }: Gateway
): void {
  const bind: OpenExchange = function bindRoute(request, _reply, done) {
    const exchange = request.exchange as Exchange
    const compiled = exchange.snapshot.native.get(native) ?? null
    exchange.route = compiled
    exchange.pool = compiled?.pool ?? null
    exchange.params = request.params as Record<string, string>
    if (stages.admissions.length === 0) done()
    else admit(stages, exchange, done)
  }
  const [open, ...rest] = route.onRequest as OpenExchange[]
  const hooks = policyHooks(config, native.config)
  route.onRequest = [open as OpenExchange, bind, ...hooks('onRequest'), ...rest]
  for (const phase of ['preHandler', 'onSend', 'onResponse'] as const) {
    const added = hooks(phase)
    if (added.length > 0)
      route[phase] = [...added, ...([route[phase] ?? []].flat() as OpenExchange[])] as never
  }
}

function policyHooks({ policies = {}, hooks }: GatewayConfig, native: NativeRouteConfig) {
  const use = Array.isArray(native?.use) ? native.use : []
  return (phase: 'onRequest' | 'preHandler' | 'onSend' | 'onResponse'): OpenExchange[] =>
    [hooks, ...use.map((id) => policies[id]?.hooks)].flatMap(
      (layer) => [layer?.[phase] ?? []].flat() as OpenExchange[]
    )
}
