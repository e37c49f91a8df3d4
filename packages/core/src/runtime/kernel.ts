import { compileInSteps } from '../compile/compile.js'
import type { CompileContext, ConfigCheck } from '../compile/compile-context.js'
import type { GatewayConfig } from '../config/config.js'
import { MissingPluginError, UnknownPoolError } from '../config/errors.js'
import { Keys } from '../config/key-registry.js'
import type { Key } from '../config/keys.js'
import { didYouMean } from '../config/nearest.js'
import { schemaProblems } from '../config/problems.js'
import { validateConfig } from '../config/validate-config.js'
import type { AppRoute } from '../model/app-routes.js'
import type { BalancingPolicyType } from '../model/balancing.js'
import type { Chance, Clock } from '../model/clock.js'
import type { Pool } from '../model/pool.js'
import type { CallPool } from '../model/pool-call.js'
import type { Forward } from '../model/route.js'
import { RouteSlot } from '../model/route-slot.js'
import type { RouterFactory } from '../model/router.js'
import type { NativeRoute, Snapshot } from '../model/snapshot.js'
import { copyStages, createStages, type ExchangeObserver, type Stages } from '../model/stages.js'
import type { ApplyOptions } from './apply-options.js'
import type { ChangePart } from './change.js'
import { type Applied, Configurations } from './configurations.js'
import { describeCoreEvents } from './core-events.js'
import { Events } from './events.js'
import { type ExplainRequest, type Explanation, explain } from './explain.js'
import { FactRegistry } from './fact-registry.js'
import { FaultLog } from './fault-log.js'
import { first } from './first-policy.js'
import type { Gauge } from './gauge.js'
import type { ConfigVersion } from './history.js'
import type { KernelOptions } from './kernel-options.js'
import type { Monitoring } from './monitoring.js'
import { printRoutes } from './print-routes.js'
import { ReasonRegistry } from './reason-registry.js'
import { METRIC_NAME, Registration } from './registration.js'
import { processTimers, type Timers } from './timers.js'
import type { TransportFactory } from './transport.js'

/**
 * What plugins meet in: `app.gateway`. Before the app is ready they add stages, balancing policies, the router
 * and the forwarder; from then on it answers questions about the running configuration.
 */
export class Gateway {
  readonly stages: Stages = createStages()
  readonly policyTypes: Map<string, BalancingPolicyType> = new Map([[first.name, first]])
  readonly clock: Clock
  readonly chance: Chance
  /** How many processes serve the same traffic, this one included: what limits are divided by. */
  readonly processes: number
  /** The configuration when core's keys have the schema's shape, else an empty one: what may be read before it is compiled. */
  readonly usable: GatewayConfig
  /** Native routes met so far; the core plugin adds to it. */
  readonly native: NativeRoute[] = []
  /** All routes of the app, native or not; the mounted table apart. Complete when the configuration is compiled. */
  readonly appRoutes: AppRoute[] = []
  /** Whether a part answers CORS preflights: routing then sees to it that those for native routes arrive. */
  answersPreflights = false
  /** Compiles the route table; set by `@gatewright/routing`. */
  router: RouterFactory | null = null
  /** The handler that forwards a request to its pool; set by `@gatewright/proxy`. */
  forward: Forward = () => {
    throw new MissingPluginError('gateway.forward', '@gatewright/proxy')
  }
  /** Sends a request of the gateway's own to a pool; set by `@gatewright/proxy`. */
  callPool: CallPool = () => {
    throw new MissingPluginError('gateway.callPool', '@gatewright/proxy')
  }
  /** Reports faults of user-supplied parts. */
  readonly faults: FaultLog
  /** Why the gateway itself answers; features add theirs. */
  readonly reasons: ReasonRegistry = new ReasonRegistry()
  /** Events of all parts of the gateway. */
  readonly events: Events
  /** What features find out about exchanges, for logs, metrics, spans and the flight recorder. */
  readonly facts: FactRegistry
  readonly timers: Timers
  /** What parts of the gateway show of themselves to metrics. */
  readonly gauges: Gauge[] = []
  /** What features add to the generated alerts and dashboard. */
  readonly monitoring: Monitoring[] = []
  /** The keys of the configuration that features own; keys of others are refused. */
  readonly keys: Keys = new Keys()
  /** Checks of the configuration that plugins add. */
  readonly checks: ConfigCheck[] = []
  /** The parts that follow the configuration, in the order of the pipeline; plugins add to it. */
  readonly changes: ChangePart[] = []
  /** Makes connections in place of undici's: for tests without a network. */
  transport: TransportFactory | null = null
  /** Requests under way: opened, and their responses not over. */
  inFlight = 0
  /** Whether the server is stopping: answers then ask clients to close their connections. */
  draining = false
  /** Whether the server ends the connections that are left: nothing that breaks off is then the client's doing. */
  cuttingOff = false
  readonly #configurations: Configurations
  readonly #observers: ExchangeObserver[] = []
  #slots = 0
  #routeSlots = 0

  constructor(options: KernelOptions) {
    const { config, clock, chance, timers = processTimers, processes = 1, origin = {} } = options
    // A value of the wrong shape is reported at compilation and not read before.
    this.usable = schemaProblems(validateConfig, config).length === 0 ? config : {}
    this.clock = clock
    this.chance = chance
    this.timers = timers
    this.processes = processes
    this.faults = new FaultLog(clock)
    const metrics = new Registration('metric', METRIC_NAME, 'a name by the rules of Prometheus')
    this.events = new Events(metrics)
    this.events.report = this.faults.report
    this.facts = new FactRegistry(metrics, this.faults.report)
    describeCoreEvents(this.events)
    const { events, faults, changes: parts, keys, stages } = this
    const context = { events, faults, parts, stages, keys }
    this.#configurations = new Configurations(config, {
      ...context,
      observers: this.#observers,
      origin,
      compile: (next, previous) => compileInSteps(next, this.#compileContext(previous))
    })
  }

  /** A place in every exchange for a plugin's own state; see `exchange.slot`. Cheaper than a `WeakMap` and its young keys. */
  claimSlot(): number {
    return this.#slots++
  }

  /** A place in every route for what a part knows of it. */
  claimRouteSlot<T>(): RouteSlot<T> {
    return new RouteSlot(this.#routeSlots++)
  }

  /**
   * What the configuration says for a key of the whole, before it is compiled; `undefined` where that has the wrong shape,
   * which the start reports.
   */
  given<T>(key: Key<T, unknown>): T | undefined {
    const value = (this.usable as Readonly<Record<string, T | undefined>>)[key.name]
    return value !== undefined && schemaProblems(key.validate, value).length === 0 ? value : undefined
  }

  /** The configuration that new requests run on. `undefined` before the app is ready. */
  get current(): Snapshot | undefined {
    return this.#configurations.current
  }

  /** The configuration that new requests run on. Throws before the app is ready. */
  get snapshot(): Snapshot {
    const { current } = this.#configurations
    if (current === undefined)
      throw new MissingPluginError('gateway.snapshot', 'to be ready (await app.ready())')
    return current
  }

  /** The configuration that new requests run on; before the start, the one that it begins with. */
  get config(): GatewayConfig {
    return this.#configurations.config
  }

  /** How many configurations before the current one still have requests. */
  get retiring(): number {
    return this.#configurations.retiring
  }

  /**
   * Compiles the first configuration with everything the plugins have added, at once: for tools and tests without an app.
   * Throws GW_CONFIG_INVALID, and GW_VALUE_INVALID where a part must wait for something outside.
   */
  compile(): Snapshot {
    return this.#configurations.start()
  }

  /**
   * Replaces the whole configuration, without a restart. New requests run on it from the moment in which all parts take it
   * over together; those under way finish on the one they began with. What stays the same keeps its state. Rejects with
   * GW_CONFIG_INVALID, listing every problem, or with what a part has thrown; the gateway then goes on as it was. Calls are
   * taken one after another, and refused once the app closes.
   *
   * @example
   * await app.gateway.apply({ ...app.gateway.config, routes: [{ path: '/*', pool: 'users' }] })
   */
  apply(config?: GatewayConfig, options?: ApplyOptions): Promise<Applied> {
    return this.#configurations.apply(config, options)
  }

  /** The last ten configurations that have run, oldest first; the running one is the last. */
  get history(): readonly ConfigVersion[] {
    return this.#configurations.history
  }

  /**
   * Changes back to a configuration of {@link history}: a change as any other, with a revision of its own. Rejects as
   * {@link apply} does, and with GW_VALUE_INVALID for a revision that is not kept.
   */
  rollback(revision: number, options: ApplyOptions = {}): Promise<Applied> {
    return this.#configurations.rollback(revision, options)
  }

  /** Refuses changes from now on, with GW_VALUE_INVALID; one that is under way is given up. Core calls it when the app closes. */
  endChanges(): void {
    this.#configurations.close()
  }

  /** Notifies `observer` of every exchange that ends from now on, in any configuration: for tools attached after the start. */
  observe(observer: ExchangeObserver): void {
    this.#observers.push(observer)
    this.current?.stages.exchangeObservers.push(observer)
  }

  /** A pool with its run-time controls: weights and draining. Throws GW_POOL_UNKNOWN. */
  pool(id: string): Pool {
    const { pools } = this.snapshot
    const pool = pools.get(id)
    if (pool === undefined) throw new UnknownPoolError(id, didYouMean(id, pools.keys()))
    return pool
  }

  /**
   * All routes as text, one a line: those of the app, and the table's in the order of the configuration, each with its
   * methods, hosts, path, where it leads, policies and id. For people to read: the columns may change.
   */
  printRoutes(): string {
    return printRoutes(this.appRoutes, this.snapshot)
  }

  /** What would happen to a request, and why. Sends nothing and changes nothing. */
  explain(request: ExplainRequest): Explanation {
    return explain(request, this.snapshot)
  }

  #compileContext(previous: Snapshot | null): CompileContext {
    // The compiled configuration is complete.
    this.reasons.close()
    this.events.close()
    this.facts.close()
    this.keys.close()
    const { native, policyTypes: types, router, clock, chance, keys, checks } = this
    const { table: reasons } = this.reasons
    const { all: facts } = this.facts
    const stages = copyStages(this.stages)
    const balancing = { clock, chance }
    return { previous, stages, native, types, router, balancing, keys, reasons, facts, checks }
  }
}
