import type { GatewayConfig, NativeRouteConfig, RouteConfig } from '../config/config.js'
import { elsewhere, invalidConfig } from '../config/config-problems.js'
import { collectProblems, finish, type InSteps, isInSteps, PAUSE } from '../config/in-steps.js'
import { sizeBytes } from '../config/size.js'
import { resolveIngress } from '../ingress/resolve-ingress.js'
import { EMPTY_PIPELINE } from '../model/pipeline.js'
import type { Pool } from '../model/pool.js'
import type { Route, RouteAction } from '../model/route.js'
import type { RouteTable } from '../model/router.js'
import { DEFAULT_BODY_LIMIT, DEFAULT_TIMEOUTS, resolvePaths, resolveTimeouts } from '../model/settings.js'
import type { NativeRoute, Snapshot } from '../model/snapshot.js'
import { createUsage } from '../model/snapshot-usage.js'
import { StepPlan } from '../model/step-plan.js'
import { buildPool } from './build-pool.js'
import { checkConfig, checkNative } from './checks.js'
import type { CompileContext } from './compile-context.js'
import { CompiledRoute } from './compiled-route.js'
import { checkFallbackReasons } from './fallback-reasons.js'
import { meaningOfKeys, shapeProblems } from './key-problems.js'
import { compileRewrite, compileUndo } from './rewrite.js'
import { mergeHooks, mergeOptions, resolveFallback, resolveMatch } from './route-config.js'
import { defaultIds } from './route-ids.js'
import { bodyToKeep, ResolvedValues, routeSettings } from './route-settings.js'

/**
 * Compiles a configuration, or throws GW_CONFIG_INVALID with every problem, one a line. Nothing is kept of a
 * configuration that has problems. The parts of the gateway add to what is returned, until it is sealed.
 */
export function compile(config: GatewayConfig, context: CompileContext): Snapshot {
  return finish(compileInSteps(config, context))
}

/** The same in steps: for a gateway that answers requests meanwhile. */
export function* compileInSteps(config: GatewayConfig, context: CompileContext): InSteps<Snapshot> {
  const { reasons, facts = [] } = context
  const natives = context.native.map(({ name, config }) => [name, config] as const)
  const problems = yield* shapeProblems(config, natives, context.keys)
  yield* collectProblems(elsewhere([...problems], meaningProblems(config, context)), problems)
  if (problems.length > 0) throw invalidConfig(problems)

  const pools = new Map<string, Pool>()
  for (const [id, pool] of Object.entries(config.pools ?? {})) pools.set(id, buildPool(id, pool, context))
  const ids = defaultIds(config.routes ?? [])
  const routes: Route[] = []
  const resolved = new ResolvedValues()
  for (const [index, route] of (config.routes ?? []).entries()) {
    routes.push(buildRoute(route, index, ids[index] as string, config, pools, context, resolved))
    yield
  }
  const native = new Map<NativeRoute, Route>()
  for (const route of context.native) native.set(route, buildNative(route, config, pools, context, resolved))

  problems.push(...duplicateIds([...routes, ...native.values()]))
  const made = context.router === null ? null : context.router(routes, problems)
  const table = isInSteps<RouteTable>(made) ? yield* made : made
  if (problems.length > 0) throw invalidConfig(problems)
  return {
    revision: (context.previous?.revision ?? 0) + 1,
    config,
    stages: context.stages,
    ingress: resolveIngress(config, context.previous?.ingress, context.keys),
    usage: createUsage(),
    pools,
    called: new Set(),
    routes,
    table,
    native,
    natives: null,
    preflights: new Set(),
    hooks: mergeHooks([config.hooks]),
    paths: resolvePaths(config),
    reasons,
    facts,
    steps: new StepPlan(),
    pipeline: EMPTY_PIPELINE,
    usesOnResponse: false
  }
}

function* meaningProblems(
  config: GatewayConfig,
  { types, native, keys, checks, reasons }: CompileContext
): Iterable<string> {
  yield* checkConfig(config, types, keys)
  yield* checkFallbackReasons(config, native, reasons)
  for (const { name, config: own } of native) yield* checkNative(own, name, config)
  const natives = native.map(({ name, config: own }) => [name, own] as const)
  yield* meaningOfKeys(config, natives, keys)
  for (const check of checks) {
    yield PAUSE
    yield* check(config, natives)
  }
}

function buildRoute(
  config: RouteConfig,
  index: number,
  id: string,
  whole: GatewayConfig,
  pools: ReadonlyMap<string, Pool>,
  context: CompileContext,
  resolved: ResolvedValues
): Route {
  const match = resolveMatch(config)
  const prefix = match.path.kind === 'prefix' ? match.path.value : ''
  const own = { id, source: `routes[${index}]`, match, action: actionOf(config) }
  return build(config, own, whole, pools, prefix, context, resolved)
}

function buildNative(
  { name, config }: NativeRoute,
  whole: GatewayConfig,
  pools: ReadonlyMap<string, Pool>,
  context: CompileContext,
  resolved: ResolvedValues
): Route {
  const prefix = name.slice(name.indexOf('/')).replace(/\/?\*?$/, '')
  const own = { id: config.id ?? name, source: name, match: null, action: { kind: 'forward' } as const }
  return build(config, own, whole, pools, prefix, context, resolved)
}

function actionOf({ redirect, respond, handler }: RouteConfig): RouteAction {
  if (redirect !== undefined) return { kind: 'redirect', redirect }
  if (respond !== undefined) return { kind: 'respond', respond }
  if (handler !== undefined) return { kind: 'handler', handler }
  return { kind: 'forward' }
}

function build(
  config: RouteConfig | NativeRouteConfig,
  own: Pick<Route, 'id' | 'source' | 'match' | 'action'>,
  { policies = {}, hooks }: GatewayConfig,
  pools: ReadonlyMap<string, Pool>,
  prefix: string,
  { keys, reasons }: CompileContext,
  resolved: ResolvedValues
): Route {
  const used = (config.use ?? []).map((id) => policies[id] as NonNullable<(typeof policies)[string]>)
  const options = mergeOptions(config, used, hooks)
  const pool = options.pool === undefined ? null : (pools.get(options.pool) as Pool)
  const { bodyLimit } = options
  const settings = routeSettings(keys, config, used, pool?.config, resolved)
  const fields = {
    ...own,
    pool,
    timeouts: resolveTimeouts(pool?.settings.timeouts ?? DEFAULT_TIMEOUTS, options.timeouts),
    bodyLimit:
      bodyLimit === false
        ? 0
        : bodyLimit === undefined
          ? DEFAULT_BODY_LIMIT
          : (sizeBytes(bodyLimit) as number),
    keepBody: bodyToKeep(keys, settings),
    preserveHost: options.preserveHost ?? false,
    rewrite: options.rewrite === undefined ? null : compileRewrite(options.rewrite, prefix),
    undo: options.rewrite === undefined ? null : compileUndo(options.rewrite, prefix),
    hooks: options.resolvedHooks,
    pipeline: EMPTY_PIPELINE,
    fallback: resolveFallback(options.fallback, pools, reasons)
  }
  return new CompiledRoute(fields, settings)
}

function* duplicateIds(routes: readonly Route[]): Iterable<string> {
  const byId = new Map<string, Route>()
  for (const route of routes) {
    const other = byId.get(route.id)
    if (other !== undefined)
      yield `${route.source}: the id '${route.id}' is already that of ${other.source}; give one of them an 'id'`
    byId.set(route.id, route)
  }
}
