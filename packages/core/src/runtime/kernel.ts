import { createStages, type Stages } from '../attempts/stages.js'
import type { GatewayConfig } from '../config/config.js'
import type { Feature } from '../config/feature-keys.js'
import { Keys } from '../config/key-registry.js'
import type { Key } from '../config/keys.js'
import { didYouMean } from '../config/nearest.js'
import { schemaProblems } from '../config/problems.js'
import { validateConfig } from '../config/validate-config.js'
import type { AppRoute } from '../model/app-routes.js'
import type { BalancingPolicyType } from '../model/balancing.js'
import { type CompileContext, type ConfigCheck, compile, type NativeRoute } from '../model/compile.js'
import { MissingPluginError, UnknownPoolError } from '../model/errors.js'
import type { Pool } from '../model/pool.js'
import type { Forward } from '../model/route.js'
import type { NativeLookup, RouterFactory } from '../model/router.js'
import type { Snapshot } from '../model/snapshot.js'
import type { Chance, Clock } from './clock.js'
import { describeCoreEvents } from './core-events.js'
import { Events } from './events.js'
import { type ExplainRequest, type Explanation, explain } from './explain.js'
import { FactRegistry } from './fact-registry.js'
import { FaultLog } from './fault-log.js'
import type { Measure } from './measure.js'
import { printRoutes } from './print-routes.js'
import { ReasonRegistry } from './reason-registry.js'
import { METRIC_NAME, Registration } from './registration.js'
import { processTimers, type Timers } from './timers.js'
import type { TransportFactory } from './transport.js'

/** What a kernel is made from. */
export interface KernelOptions {
  readonly config: GatewayConfig
  readonly clock: Clock
  readonly chance: Chance
  /** Default: the process's. */
  readonly timers?: Timers
}

/**
 * What plugins meet in: `app.gateway`. Before the app is ready they add stages, balancing policies, the router
 * and the forwarder; from then on it answers questions about the running configuration.
 */
export class Gateway {
  readonly stages: Stages = createStages()
  readonly policyTypes: Map<string, BalancingPolicyType> = new Map([[first.name, first]])
  readonly clock: Clock
  readonly chance: Chance
  readonly config: GatewayConfig
  /** The configuration when core's keys have the schema's shape, else an empty one: what may be read before it is compiled. */
  readonly usable: GatewayConfig
  /** Native routes met so far; the core plugin adds to it. */
  readonly native: NativeRoute[] = []
  /** All routes of the app, native or not; the mounted table apart. Complete when the configuration is compiled. */
  readonly appRoutes: AppRoute[] = []
  /** What is known of them; set by `@gatewright/routing` when the configuration is compiled. */
  natives: NativeLookup | null = null
  /** Compiles the route table; set by `@gatewright/routing`. */
  router: RouterFactory | null = null
  /** The handler that forwards a request to its pool; set by `@gatewright/proxy`. */
  forward: Forward = () => {
    throw new MissingPluginError('gateway.forward', '@gatewright/proxy')
  }
  /** Where it is told what parts of the user's own do wrong. */
  readonly faults: FaultLog
  /** Why the gateway itself answers; features add theirs. */
  readonly reasons: ReasonRegistry = new ReasonRegistry()
  /** What parts of the gateway tell about. */
  readonly events: Events
  /** What features find out about exchanges, for logs, metrics, spans and the flight recorder. */
  readonly facts: FactRegistry
  readonly timers: Timers
  /** What parts of the gateway show of themselves to metrics. */
  readonly measures: Measure[] = []
  /** The keys of the configuration that features own; keys of others are refused. */
  readonly keys: Keys = new Keys()
  /** The plugins that are registered; keys of others are refused. */
  readonly features: Set<Feature> = new Set()
  /** Checks of the configuration that plugins add. */
  readonly checks: ConfigCheck[] = []
  /** Called with every snapshot before requests run on it, in order. What throws stops the start. */
  readonly compiled: ((snapshot: Snapshot) => void)[] = []
  /** Makes connections in place of undici's: for tests without a network. */
  transport: TransportFactory | null = null
  /** Requests under way: opened, and their answers not over. */
  inFlight = 0
  /** Whether the server is stopping: answers then ask clients to close their connections. */
  draining = false
  /** Whether the server ends the connections that are left: nothing that breaks off is then the client's doing. */
  cuttingOff = false
  #snapshot: Snapshot | undefined
  #slots = 0

  constructor({ config, clock, chance, timers = processTimers }: KernelOptions) {
    this.config = config
    // What has the wrong shape is reported when the configuration is compiled, and until then not read.
    this.usable = schemaProblems(validateConfig, config).length === 0 ? config : {}
    this.clock = clock
    this.chance = chance
    this.timers = timers
    this.faults = new FaultLog(clock)
    const metrics = new Registration('metric', METRIC_NAME, 'a name by the rules of Prometheus')
    this.events = new Events(metrics)
    this.events.report = this.faults.tell
    this.facts = new FactRegistry(metrics, this.faults.tell)
    describeCoreEvents(this.events)
  }

  /**
   * A place in every exchange for a plugin's own state; see `exchange.slot`. Cheaper than a `WeakMap`, whose young keys the garbage
   * collector has to look after one by one.
   */
  claimSlot(): number {
    return this.#slots++
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
    return this.#snapshot
  }

  /** The configuration that new requests run on. Throws before the app is ready. */
  get snapshot(): Snapshot {
    if (this.#snapshot === undefined)
      throw new MissingPluginError('gateway.snapshot', 'to be ready (await app.ready())')
    return this.#snapshot
  }

  /** Compiles the configuration with everything the plugins have added. Throws GW_CONFIG_INVALID. */
  compile(): Snapshot {
    this.reasons.close()
    this.events.close()
    this.facts.close()
    const context: CompileContext = {
      revision: (this.#snapshot?.revision ?? 0) + 1,
      native: this.native,
      types: this.policyTypes,
      router: this.router,
      balancing: { clock: this.clock, chance: this.chance },
      features: this.features,
      keys: this.keys,
      reasons: this.reasons.table,
      facts: this.facts.all,
      checks: this.checks
    }
    this.keys.close()
    const snapshot = compile(this.config, context)
    for (const pool of snapshot.pools.values())
      pool.onChange = (added, removed) => this.events.emit('pool_endpoints', { pool, added, removed })
    for (const told of this.compiled) told(snapshot)
    this.#snapshot = snapshot
    return snapshot
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
    return explain(request, this.snapshot, this.stages, this.natives)
  }
}

/** The one policy that core itself brings: the first usable endpoint in the order of the configuration. */
const first: BalancingPolicyType = {
  name: 'first',
  create: () => ({ name: 'first', pick: ([endpoint]) => endpoint })
}
