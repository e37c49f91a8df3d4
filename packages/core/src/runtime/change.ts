import type { GatewayConfig } from '../config/config.js'
import { invalidConfig } from '../config/config-problems.js'
import { type InSteps, isInSteps } from '../config/in-steps.js'
import { toldError } from '../model/plugin-fault.js'
import type { Snapshot } from '../model/snapshot.js'

/** Something that was learned, or is kept open, and begins anew with a change: what stays is not told. */
export interface Reset {
  /** Id of the pool; `null` for what belongs to none. */
  readonly pool: string | null
  /** Such as `connections`. */
  readonly what: string
  /** The cause, as text: `tls has changed`. */
  readonly because: string
}

/** What a part has made ready for the next configuration. Every function is called at most once. */
export interface Prepared {
  /** What begins anew. */
  readonly reset?: readonly Reset[]
  /** The next configuration takes over, for all parts in the same turn. Must neither fail nor wait. */
  commit?(): void
  /** The last request on previous configurations has ended: release what only they used. */
  retire?(): void
  /** The change was abandoned: release what was prepared for it. */
  abandon?(): void
}

/** What a part has made ready, or makes ready in steps. */
type Preparation = Prepared | undefined | InSteps<Prepared | undefined>

/**
 * A part of the gateway that follows the configuration: the start and every change of it. Parts are asked in the order of
 * the pipeline.
 */
export interface ChangePart {
  /** Names it in problems. */
  readonly name: string
  /**
   * The parts of keys that this configuration would be read for at the start alone, by their paths: `'metrics.path'`. A change
   * of one is refused by that name, or held back (`onRestartKeys`). Parts that are not listed may change. Keys that are read once as a
   * whole say `reload: 'restart'` instead.
   */
  readOnce?(config: GatewayConfig): Readonly<Record<string, unknown>>
  /**
   * Makes ready what the next configuration needs, without an effect on what runs now, and adds to `next.stages` what is asked
   * and told from then on. It may wait for something outside, but not for long. What it adds to `problems`, throws or rejects
   * with refuses the change: the gateway goes on as it was. Who goes through all routes does it in steps.
   */
  prepare(next: Snapshot, previous: Snapshot | null, problems: string[]): Preparation | Promise<Preparation>
}

/** A change in progress: yields promises to wait for, and `undefined` where other work may go on; returns what to commit. */
export type Preparing = Generator<Promise<unknown> | undefined, readonly Prepared[], unknown>

/** Prepares every part, and abandons all if one refuses. Throws the problems of all parts. */
export function* prepareAll(
  parts: readonly ChangePart[],
  next: Snapshot,
  previous: Snapshot | null
): Preparing {
  const ready: Prepared[] = []
  const problems: string[] = []
  const thrown: { readonly name: string; readonly error: unknown }[] = []
  try {
    for (const { name, prepare } of parts.map(bound)) {
      try {
        yield
        let prepared = prepare(next, previous, problems)
        if (prepared instanceof Promise) prepared = (yield prepared) as Preparation
        if (isInSteps<Prepared | undefined>(prepared)) prepared = yield* prepared
        if (prepared !== undefined) ready.push(prepared)
      } catch (error) {
        thrown.push({ name, error })
      }
    }
    const [first, ...others] = thrown
    if (problems.length === 0 && others.length === 0 && first !== undefined) throw first.error
    problems.push(...thrown.map(({ name, error }) => `${name}: ${toldError(error)}`))
    if (problems.length > 0) throw invalidConfig(problems)
    return ready
  } catch (error) {
    for (const prepared of ready.reverse()) prepared.abandon?.()
    throw error
  }
}

function bound(part: ChangePart): ChangePart {
  return { name: part.name, prepare: part.prepare.bind(part) }
}

/** Waits until a change that is ready is confirmed, and abandons it where that is refused. */
export function* confirmed(
  confirm: () => Promise<void>,
  prepared: readonly Prepared[]
): Generator<Promise<unknown>, void> {
  try {
    yield confirm()
  } catch (error) {
    for (const one of prepared) one.abandon?.()
    throw error
  }
}
