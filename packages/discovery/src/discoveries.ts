import type { Cancel, Pool, Prepared, Snapshot, Timers } from '@gatewright/core'
import { settingIn } from '@gatewright/core'
import { discoveryKey } from './keys.js'
import { type DiscoveryContext, SourceLoop } from './source-loop.js'
import { sourceOf } from './sources.js'

/** Longest wait at start, or at a change, for the first endpoints of a pool without any. */
const FIRST_MS = 2_000

/** Discovery of all pools, across configurations. */
export class Discoveries {
  readonly #context: DiscoveryContext
  /** By pool id. */
  #loops: ReadonlyMap<string, SourceLoop> = new Map()
  #state: 'before' | 'running' | 'stopped' = 'before'

  constructor(context: DiscoveryContext) {
    this.#context = context
  }

  /** Prepares for the next configuration: waits for the first endpoints of new pools without any. */
  prepare({ pools }: Snapshot, previous: Snapshot | null): Prepared | Promise<Prepared> {
    const loops = new Map<string, SourceLoop>()
    for (const [id, pool] of pools) {
      const loop = this.#loopFor(pool)
      if (loop !== null) loops.set(id, loop)
    }
    const begun = [...loops.values()].filter(
      (loop) => loop !== this.#loops.get(loop.pool.id) && isEmpty(loop) && !previous?.pools.has(loop.pool.id)
    )
    const reset = [...loops].flatMap(([id, loop]) => {
      const before = this.#loops.get(id)
      return before === undefined || before === loop
        ? []
        : [{ pool: id, what: 'discovery', because: 'discovery has changed' }]
    })
    const prepared: Prepared = {
      reset,
      commit: () => this.#commit(pools, loops),
      abandon() {
        for (const loop of begun) loop.stop()
      }
    }
    if (this.#state !== 'running' || begun.length === 0) return prepared
    for (const loop of begun) loop.startAside()
    return firstOf(begun, this.#context.timers).then(() => prepared)
  }

  /** Starts discovery. Resolves when every pool has endpoints or its wait has timed out. */
  start(): Promise<void> {
    this.#state = 'running'
    const loops = [...this.#loops.values()]
    for (const loop of loops) loop.start()
    return firstOf(loops.filter(isEmpty), this.#context.timers)
  }

  stop(): void {
    this.#state = 'stopped'
    for (const loop of this.#loops.values()) loop.stop()
  }

  // Reuses the loop of the previous pool if the source is unchanged.
  #loopFor(pool: Pool): SourceLoop | null {
    const config = settingIn(discoveryKey, pool.config)
    if (config === undefined) return null
    const known = this.#loops.get(pool.id)
    if (known?.pool.sameFor(pool, discoveryKey.name)) return known
    return new SourceLoop(pool, this.#context, sourceOf(config, this.#context.timers))
  }

  #commit(pools: ReadonlyMap<string, Pool>, loops: ReadonlyMap<string, SourceLoop>): void {
    for (const [id, loop] of this.#loops) if (loops.get(id) !== loop) loop.stop()
    this.#loops = loops
    for (const [id, loop] of loops) {
      loop.use(pools.get(id) as Pool)
      if (this.#state === 'running') loop.start()
      if (this.#state === 'stopped') loop.stop()
    }
  }
}

function isEmpty({ pool }: SourceLoop): boolean {
  return pool.endpoints.length === 0
}

async function firstOf(loops: readonly SourceLoop[], timers: Timers): Promise<void> {
  if (loops.length === 0) return
  let cancel: Cancel = () => {}
  const late = new Promise<void>((resolve) => {
    cancel = timers.after(FIRST_MS, resolve, true)
  })
  await Promise.race([Promise.all(loops.map(({ first }) => first)), late])
  cancel()
}
