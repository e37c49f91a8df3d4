import type { GatewayConfig } from '../config/config.js'
import { invalidConfig } from '../config/config-problems.js'
import { InvalidValueError } from '../config/errors.js'
import type { InSteps } from '../config/in-steps.js'
import type { Keys } from '../config/key-registry.js'
import type { Fact } from '../model/fact.js'
import { toldError } from '../model/plugin-fault.js'
import type { EndpointsChanged, Pool } from '../model/pool.js'
import type { Snapshot } from '../model/snapshot.js'
import { closeStages, type ExchangeObserver, type Stages } from '../model/stages.js'
import { sealPipelines } from '../pipeline/seal.js'
import { type ApplyOptions, checkApplyOptions } from './apply-options.js'
import { type ChangePart, confirmed, type Prepared, prepareAll, type Reset } from './change.js'
import type { Events } from './events.js'
import type { FaultLog } from './fault-log.js'
import { type ChangeOrigin, type ConfigVersion, History } from './history.js'
import { ReadOnce } from './read-once.js'
import { Retiring } from './retiring.js'
import { nextTurn } from './timers.js'
import { usedFacts } from './used-facts.js'

/** How long a change may hold up the event loop at a time, in milliseconds, as far as its steps allow. */
const SLICE_MS = 0.5

/** What a change was. */
export interface Applied {
  /** Of the configuration that runs from now on, or would run. */
  readonly revision: number
  /** Keys whose new values hold from the next start on. */
  readonly needsRestart: readonly string[]
  /** What begins anew, in pools that were there before too. All else goes on with what it has learned. */
  readonly reset: readonly Reset[]
}

/** What configurations are made with. */
export interface ConfigurationsContext {
  readonly events: Events
  readonly faults: FaultLog
  /** The parts that follow the configuration, in order. */
  readonly parts: readonly ChangePart[]
  /** The stages of every configuration; closed at the start. */
  readonly stages: Stages
  readonly keys: Keys
  /** Notified of every ended exchange, in any configuration, after the configuration's own observers. */
  readonly observers: readonly ExchangeObserver[]
  /** Where the first configuration comes from. */
  readonly origin: ChangeOrigin
  /** Throws GW_CONFIG_INVALID. */
  compile(config: GatewayConfig, previous: Snapshot | null): InSteps<Snapshot>
}

/** The configuration that runs, the one that is to take its place, and those that were replaced and still have requests. */
export class Configurations {
  readonly #context: ConfigurationsContext
  readonly #retiring: Retiring
  readonly #history = new History()
  #config: GatewayConfig
  #current: Snapshot | undefined
  readonly #readOnce: ReadOnce
  #changing: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(first: GatewayConfig, context: ConfigurationsContext) {
    this.#config = first
    this.#context = context
    this.#readOnce = new ReadOnce(context.keys, context.parts)
    this.#retiring = new Retiring((error) => this.#failed('to give up an old configuration', error))
  }

  /** The one that new requests run on; `undefined` before the first. */
  get current(): Snapshot | undefined {
    return this.#current
  }

  /** As it was given; before the start, the one that it begins with. */
  get config(): GatewayConfig {
    return this.#config
  }

  /** The last that have run, oldest first; the running one is the last. */
  get history(): readonly ConfigVersion[] {
    return this.#history.versions
  }

  /** How many before the current one still have requests. */
  get retiring(): number {
    return this.#retiring.size
  }

  /** Commits the first configuration synchronously. Throws its problems, and if a part would have to wait. */
  start(): Snapshot {
    const change = this.#change(this.#config, this.#context.origin)
    let step = change.next()
    while (step.done !== true && step.value === undefined) step = change.next()
    if (step.done === true) return this.#current as Snapshot
    change.return({ revision: 0, needsRestart: [], reset: [] })
    throw new InvalidValueError('gateway.compile()', 'replaced by await gateway.apply(): a part has to wait')
  }

  /** Changes to another, after the changes that are under way; without one, makes the one that then runs anew. */
  apply(config?: GatewayConfig, options: ApplyOptions = {}): Promise<Applied> {
    const applied = this.#changing.then(() => this.#apply(config, options))
    this.#changing = applied.catch(() => {})
    return applied
  }

  /** Changes back to what an earlier one says. */
  async rollback(revision: number, options: ApplyOptions): Promise<Applied> {
    const version = this.#history.find(revision)
    if (version === undefined)
      throw new InvalidValueError(
        'gateway.rollback()',
        `given a revision of the history: ${this.history.map((known) => known.revision).join(', ') || 'it is empty'}`
      )
    return await this.apply(version.config, { reason: `rollback to revision ${revision}`, ...options })
  }

  /** Refuses changes from now on, those under way too: what a part made ready for them goes. */
  close(): void {
    this.#closed = true
  }

  async #apply(config: GatewayConfig | undefined, options: ApplyOptions): Promise<Applied> {
    checkApplyOptions(options)
    if (config !== undefined && this.#current === undefined)
      throw new InvalidValueError('gateway.apply()', 'called once the app is ready: await app.ready() first')
    const change = this.#change(config ?? this.#config, options)
    let step = change.next()
    let since = performance.now()
    while (step.done !== true) {
      let answer: unknown
      try {
        if (step.value === undefined && performance.now() - since < SLICE_MS) {
          step = change.next()
          continue
        }
        answer = await (step.value ?? nextTurn())
        since = performance.now()
      } catch (error) {
        step = change.throw(error)
        continue
      }
      step = change.next(answer)
    }
    return step.value
  }

  // Requests go on between its steps.
  *#change(
    config: GatewayConfig,
    { dryRun = false, onRestartKeys = 'refuse', confirm, ...origin }: ApplyOptions
  ): Generator<Promise<unknown> | undefined, Applied> {
    this.#refuseClosed()
    const previous = this.#current ?? null
    const { compile, observers, parts } = this.#context
    let next = yield* compile(config, previous)
    const needsRestart = previous === null ? [] : this.#readOnce.changed(config)
    if (needsRestart.length > 0) {
      if (onRestartKeys === 'refuse')
        throw invalidConfig(needsRestart.map((key) => `${key}: a change needs a restart`))
      next = yield* compile(this.#readOnce.kept(config, needsRestart), previous)
    }
    const prepared = yield* prepareAll(parts, next, previous)
    next.stages.exchangeObservers.push(...observers)
    ;(next as { facts: readonly Fact[] }).facts = yield* usedFacts(next)
    yield* sealPipelines(next)
    const { revision } = next
    const reset =
      previous === null
        ? []
        : [...balancingReset(next, previous), ...prepared.flatMap((one) => one.reset ?? [])]
    const version = yield* this.#history.version(revision, previous?.revision ?? null, next.config, origin)
    if (!dryRun && confirm !== undefined) yield* confirmed(confirm, prepared)
    if (dryRun || this.#closed) for (const one of prepared) one.abandon?.()
    else {
      this.#commit(next, previous, prepared)
      this.#history.add(version)
    }
    this.#refuseClosed()
    return { revision, needsRestart, reset }
  }

  // All in one turn: no request sees a part of it.
  #commit(next: Snapshot, previous: Snapshot | null, prepared: readonly Prepared[]): void {
    const { events } = this.#context
    if (previous === null) {
      this.#readOnce.begin(next.config)
      closeStages(this.#context.stages)
    }
    this.#config = next.config
    this.#current = next
    const changes = previous === null ? [] : takePoolsOver(next, previous)
    for (const pool of next.pools.values())
      pool.onChange = (added, removed) => events.emit('pool_endpoints', { pool, added, removed })
    for (const one of prepared) {
      try {
        one.commit?.()
      } catch (error) {
        this.#failed('to take a configuration over', error)
      }
    }
    for (const change of changes) events.emit('pool_endpoints', change)
    if (previous !== null) this.#retiring.add(previous.usage, prepared)
  }

  #failed(what: string, error: unknown): void {
    this.#context.faults.warn('a part of the gateway', `failed ${what}: ${toldError(error)}`, error)
  }

  #refuseClosed(): void {
    if (this.#closed)
      throw new InvalidValueError('gateway.apply()', 'called while the app is open: it is closed')
  }
}

function balancingReset({ pools }: Snapshot, previous: Snapshot): Reset[] {
  return [...pools.values()].flatMap(({ id, policy }) => {
    const before = previous.pools.get(id)
    return before === undefined || before.policy === policy
      ? []
      : [{ pool: id, what: 'balancing', because: 'balancing has changed' }]
  })
}

interface PoolChanged extends EndpointsChanged {
  readonly pool: Pool
}

/** Gives every changed pool its endpoints and reports additions and removals, including those of removed pools. */
function takePoolsOver({ pools }: Snapshot, previous: Snapshot): PoolChanged[] {
  const changes: PoolChanged[] = []
  for (const [id, before] of previous.pools) {
    const pool = pools.get(id)
    if (pool === before) continue
    before.onChange = () => {}
    if (pool === undefined) changes.push({ pool: before, added: [], removed: before.endpoints })
    else changes.push({ pool, ...pool.takeOver(before) })
  }
  return changes.filter(({ added, removed }) => added.length > 0 || removed.length > 0)
}
