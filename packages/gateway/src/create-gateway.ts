import {
  type Applied,
  type ApplyOptions,
  type BalancingPolicyType,
  type ConfigVersion,
  type ExplainRequest,
  type Explanation,
  InvalidValueError,
  type PathlessRouteConfig,
  type PolicyConfig,
  type PoolConfig,
  type RouteConfig,
  type RouteHandler,
  type RouteHooks
} from '@gatewright/core'
import type {
  FastifyInstance,
  FastifyListenOptions,
  FastifyPluginAsync,
  FastifyPluginCallback,
  InjectOptions,
  LightMyRequestResponse
} from 'fastify'
import type { GatewayServerConfig } from './config/config.js'
import type { GatewaySeams } from './seams.js'
import { createServer, type GatewayServer } from './server.js'
import type { ShutdownState, StopOptions } from './shutdown.js'
import { wholeConfig } from './whole-config.js'

/** The URL of a single upstream. */
export type UpstreamUrl = `http://${string}` | `https://${string}`

/** What a route may be given beside its path: an upstream's URL, a handler, or all its options. */
export type RouteTarget<P extends string, U extends string> =
  | UpstreamUrl
  | URL
  | RouteHandler
  | PathlessRouteConfig<P, U>

/** What a pool may be given as: its options, or its endpoints. `B` are balancing policies of the app's own. */
export type PoolTarget<B extends string = never> = PoolConfig<B> | PoolConfig['endpoints'] | UpstreamUrl

/** Where a gateway listens. */
export type ListenOptions = FastifyListenOptions

/**
 * A gateway that is a server of its own. Everything said before it is ready adds to one configuration, which is
 * the same as the one {@link createGateway} takes. `P` are its pool ids, `U` its policy ids, `B` its own balancing
 * policies.
 */
export class GatewayBuilder<P extends string = never, U extends string = never, B extends string = never> {
  readonly #config: GatewayServerConfig & { routes: RouteConfig[] }
  readonly #server: GatewayServer

  constructor(config: GatewayServerConfig, seams: GatewaySeams) {
    this.#config = wholeConfig(config)
    this.#server = createServer(this.#config, seams)
  }

  /** The Fastify app. `app.gateway` is what runs: pools to drain and weigh, the snapshot, stages. */
  get app(): FastifyInstance {
    return this.#server.app
  }

  /** How far the gateway has come with stopping. */
  get state(): ShutdownState {
    return this.#server.state
  }

  /** The port of the probe listener; `null` when there is none. */
  get probePort(): number | null {
    return this.#server.probePort
  }

  /** Adds a pool. */
  pool<const Id extends string>(id: Id, target: PoolTarget<B>): GatewayBuilder<P | Id, U, B> {
    this.#open('pool')
    const config =
      typeof target === 'string'
        ? { endpoints: [target] }
        : Array.isArray(target)
          ? { endpoints: target }
          : target
    ;(this.#config.pools as Record<string, PoolConfig>)[id] = config as PoolConfig
    return this as unknown as GatewayBuilder<P | Id, U, B>
  }

  /** Adds a policy: a named set of route options. */
  policy<const Id extends string>(id: Id, policy: PolicyConfig<P>): GatewayBuilder<P, U | Id, B> {
    this.#open('policy')
    ;(this.#config.policies as Record<string, PolicyConfig>)[id] = policy
    return this as unknown as GatewayBuilder<P, U | Id, B>
  }

  /** Adds a route: `route('/*', 'http://localhost:3000')`, `route('/hello', handler)`, `route('/users/*', { pool })`. */
  route(path: string, target: RouteTarget<P, U>): this {
    this.#open('route')
    const { routes, pools } = this.#config
    if (typeof target === 'function') routes.push({ path, handler: target })
    else if (typeof target === 'string' || target instanceof URL) {
      const url = String(target)
      ;(pools as Record<string, PoolConfig>)[url] ??= { endpoints: [url] }
      routes.push({ path, pool: url })
    } else routes.push((Array.isArray(target) ? { path, pool: target } : { path, ...target }) as RouteConfig)
    return this
  }

  /** Adds a Fastify hook for every gateway route, before those of policies and routes. */
  hook<Phase extends keyof RouteHooks>(
    phase: Phase,
    hook: Extract<NonNullable<RouteHooks[Phase]>, (...args: never) => unknown>
  ): this {
    this.#open('hook')
    const hooks = this.#config.hooks as Record<string, unknown[]>
    hooks[phase] = [...[hooks[phase] ?? []].flat(), hook]
    return this
  }

  /** Adds a balancing policy that pools added after it can name. */
  balancer<const Name extends string>(
    type: BalancingPolicyType<never> & { readonly name: Name }
  ): GatewayBuilder<P, U, B | Name> {
    this.#open('balancer')
    this.#server.additions.policyTypes.push(type)
    return this as unknown as GatewayBuilder<P, U, B | Name>
  }

  /**
   * Registers a Fastify plugin: `@fastify/cors`, `@fastify/rate-limit`, or a function that adds native routes.
   * Plugins come after the gateway's own parts and before its route table, which they so apply to.
   */
  register(plugin: (app: FastifyInstance) => Promise<unknown>): this
  register<Options extends object>(plugin: FastifyPluginCallback<Options>, options?: Options): this
  register<Options extends object>(plugin: FastifyPluginAsync<Options>, options?: Options): this
  register(plugin: unknown, options: object = {}): this {
    this.#open('register')
    this.#server.additions.plugins.push({ plugin: plugin as FastifyPluginAsync<object>, options })
    return this
  }

  /** Compiles everything. Rejects with GW_CONFIG_INVALID, listing every problem. */
  async ready(): Promise<this> {
    await this.#server.ready()
    return this
  }

  /** Listens, and stops on SIGTERM and SIGINT. Default: `listen` of the configuration, else port 8080 on all addresses. Resolves with the URL. */
  listen(options: ListenOptions = {}): Promise<string> {
    return this.#server.listen(options)
  }

  /** The whole configuration, running or to start with: the given one and later additions. */
  get config(): GatewayServerConfig {
    return this.#server.app.gateway?.current?.config ?? this.#config
  }

  /**
   * Changes the running gateway to another configuration, whole and in one turn; the one that runs is given to a function. It
   * is read as by {@link createGateway}: omitted keys have their defaults, and pools, routes and hooks that it does not
   * have are gone, also those that were added by calls.
   *
   * Rejects with GW_CONFIG_INVALID, listing every problem, and with GW_VALUE_INVALID before the gateway is ready or once it
   * closes; the gateway then goes on as it was.
   *
   * @example
   * await gateway.apply((config) => ({
   *   ...config,
   *   pools: { ...config.pools, users: { endpoints: ['http://10.0.0.3:8080'] } }
   * }))
   */
  async apply<const Q extends string = never, const V extends string = never>(
    config: GatewayServerConfig<Q, V> | ((running: GatewayServerConfig) => GatewayServerConfig),
    options: ApplyOptions = {}
  ): Promise<Applied> {
    const { current } = this.#server.app.gateway ?? {}
    if (current === undefined)
      throw new InvalidValueError('gateway.apply()', 'called once the gateway is ready')
    const next = typeof config === 'function' ? config(current.config) : config
    return this.#server.app.gateway.apply(wholeConfig(next as GatewayServerConfig), options)
  }

  /** The last ten configurations that have run, oldest first; empty before the gateway is ready. */
  get history(): readonly ConfigVersion[] {
    return this.#server.app.gateway?.history ?? []
  }

  /**
   * Changes back to an earlier configuration of {@link history}, by its revision. Rejects as {@link apply} does, and with
   * GW_VALUE_INVALID for a revision that is not kept.
   */
  async rollback(revision: number, options: ApplyOptions = {}): Promise<Applied> {
    const { gateway } = this.#server.app
    if (gateway?.current === undefined)
      throw new InvalidValueError('gateway.rollback()', 'called once the gateway is ready')
    return await gateway.rollback(revision, options)
  }

  /** Stops in stages: readiness fails, requests in flight finish, then everything closes. */
  close(options: StopOptions = {}): Promise<void> {
    return this.#server.close(options)
  }

  /** Cuts off the requests in flight, for an end that takes too long: clients that wait get 503 `draining`. */
  cutOff(): void {
    this.#server.cutOff()
  }

  /** A request without a socket, as `app.inject`. */
  inject(request: InjectOptions | string): Promise<LightMyRequestResponse> {
    return this.app.inject(request)
  }

  /** What would happen to a request, and why. */
  async explain(request: ExplainRequest): Promise<Explanation> {
    await this.#server.ready()
    return this.#server.app.gateway.explain(request)
  }

  /** All routes as text, one a line: the app's own, and the table's in the order of the configuration. The columns may change. */
  async printRoutes(): Promise<string> {
    await this.#server.ready()
    return this.#server.app.gateway.printRoutes()
  }

  /**
   * How a request went and why, in a few lines, by the id that the client has got with the response. Needs
   * `flightRecorder`; for other requests, a sentence says why not.
   */
  why(requestId: string): string {
    if (!this.app.hasDecorator('flightRecorder')) return 'Nothing is kept: the gateway is not ready.'
    return this.app.flightRecorder.why(requestId)
  }

  #open(what: string): void {
    if (this.#server.started)
      throw new InvalidValueError(`gateway.${what}()`, 'called before the gateway is ready')
  }
}

/**
 * A gateway from a configuration, or an empty one to add to: `createGateway().route('/*', 'http://localhost:3000')`.
 * Pool ids are typed: a route that names a pool which is not there does not compile.
 */
export function createGateway<const P extends string = never, const U extends string = never>(
  config: GatewayServerConfig<P, U> = {},
  seams: GatewaySeams = {}
): GatewayBuilder<P, U> {
  return new GatewayBuilder<P, U>(config as GatewayServerConfig, seams)
}
