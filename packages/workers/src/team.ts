import type { Chance, Clock, Timers } from '@gatewright/core'
import { Member, type MemberListener, type Orders, StartError } from './member.js'
import type { PrimaryLog } from './primary-log.js'
import { MOST_FAILURES, restartDelayMs, SETTLED_MS } from './restart-delay.js'
import { Turnstile } from './turnstile.js'
import type { Ended, Fork } from './worker-process.js'

/** What a team is made with. */
export interface TeamContext {
  readonly size: number
  readonly fork: Fork
  readonly timers: Timers
  readonly clock: Clock
  readonly chance: Chance
  readonly log: PrimaryLog
  /** What a worker that starts is told. */
  orders(): Orders
  /** A worker has gone, in whatever way. */
  gone(member: Member): void
  readonly asked: MemberListener['asked']
  readonly stage: MemberListener['stage']
  /** No worker serves, and none can be started. */
  givenUp(error: StartError): void
}

/** How long a worker that was replaced tells its clients to go, in milliseconds, while it still takes requests. */
const ANNOUNCE_MS = 1_000

/** Why workers were replaced. */
export type Replaced = 'crash' | 'stuck' | 'restart'

/** The workers: as many as there should be, each replaced when it ends. */
export class Team {
  readonly members = new Set<Member>()
  readonly turnstile = new Turnstile()
  readonly replaced: Record<Replaced, number> = { crash: 0, stuck: 0, restart: 0 }
  readonly #context: TeamContext
  readonly #listener: MemberListener
  /** Failures in a row of each place, by the number of its worker. */
  readonly #failures = new Map<number, number>()
  readonly #renewals = new Map<Member, Promise<void>>()
  #failedStarts = 0
  #stopped = false

  constructor(context: TeamContext) {
    this.#context = context
    this.#listener = {
      asked: context.asked,
      stage: context.stage,
      asksToLeave: (member) => void this.renew(member).catch(() => {}),
      ended: (member, ended) => this.#ended(member, ended)
    }
  }

  get serving(): readonly Member[] {
    return [...this.members].filter(({ state }) => state === 'serving')
  }

  /** How many there should be. */
  get size(): number {
    return this.#context.size
  }

  /** Whether no worker is started any more. */
  get stopped(): boolean {
    return this.#stopped
  }

  /**
   * Starts all workers: the first one alone, so that what is wrong is said once. Rejects with a {@link StartError} when it
   * cannot start.
   */
  async begin(): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        await this.#start(1)
        break
      } catch (error) {
        const isHopeless = (error as StartError).kind !== '' || failures >= MOST_FAILURES || this.#stopped
        if (isHopeless) throw error
        await this.#wait(restartDelayMs(failures + 1, this.#context.chance))
      }
    }
    const others = Array.from({ length: this.#context.size - 1 }, (_, index) => this.#fill(index + 2, true))
    await Promise.all(others)
  }

  /** No worker is started or replaced from now on. */
  stop(): void {
    this.#stopped = true
    for (const member of this.members) if (member.state === 'starting') member.kill('the gateway stops')
  }

  /**
   * Starts a worker in the place of one that serves, which then ends in stages: its clients are told to go first. Rejects with
   * a {@link StartError}, and the one that is there goes on. A second call joins the first.
   */
  renew(member: Member): Promise<void> {
    const known = this.#renewals.get(member)
    if (known !== undefined) return known
    if (member.state !== 'serving' || this.#stopped) return Promise.resolve()
    const renewal = this.#renew(member).finally(() => this.#renewals.delete(member))
    this.#renewals.set(member, renewal)
    return renewal
  }

  async #renew(member: Member): Promise<void> {
    const { worker } = member
    try {
      await this.#start(worker)
    } catch (error) {
      if (!this.#stopped) {
        const { log } = this.#context
        log.error({ worker, err: (error as Error).message }, 'a worker could not be replaced')
        // It has crashed meanwhile, and its place is free.
        if (!this.members.has(member)) void this.#fill(worker, false)
      }
      throw error
    }
    this.replaced.restart++
    member.leave(ANNOUNCE_MS)
  }

  #ended(member: Member, { code, signal }: Ended): void {
    const { worker, pid, state, killedFor, servesSince } = member
    const { log, clock } = this.#context
    this.members.delete(member)
    this.#context.gone(member)
    if (state !== 'serving' || this.#stopped) return
    this.replaced[killedFor === '' ? 'crash' : 'stuck']++
    const settled = clock() - servesSince >= SETTLED_MS
    this.#failures.set(worker, settled ? 1 : (this.#failures.get(worker) ?? 0) + 1)
    const because = killedFor === '' ? (signal ?? `exit code ${code}`) : killedFor
    log.error({ worker, workerPid: pid, because }, 'a worker has ended, and is replaced')
    // One that is being replaced has somebody to take its place.
    if (!this.#renewals.has(member)) void this.#fill(worker, false)
  }

  // Until a worker serves there. With `once`, resolves after the first try, and the others follow.
  async #fill(worker: number, once: boolean): Promise<void> {
    const { log, chance } = this.#context
    while (!this.#stopped) {
      await this.#wait(restartDelayMs(this.#failures.get(worker) ?? 0, chance))
      if (this.#stopped) return
      try {
        await this.#start(worker)
        return
      } catch (error) {
        if (this.#stopped) return
        this.#failures.set(worker, (this.#failures.get(worker) ?? 0) + 1)
        log.error({ worker, err: (error as Error).message }, 'a worker could not be started')
        if (++this.#failedStarts >= MOST_FAILURES && this.serving.length === 0) {
          this.#context.givenUp(error as StartError)
          return
        }
        if (once) {
          void this.#fill(worker, false)
          return
        }
      }
    }
  }

  async #start(worker: number): Promise<void> {
    const leave = await this.turnstile.start()
    try {
      if (this.#stopped) throw new StartError('the gateway stops', '')
      const { fork, timers, clock, log } = this.#context
      const member = new Member(worker, fork(), this.#listener, { timers, clock })
      this.members.add(member)
      await member.start(this.#context.orders())
      this.#failedStarts = 0
      log.info({ worker, workerPid: member.pid }, 'a worker serves')
      // What came while it started.
      if (this.#stopped) member.leave()
    } finally {
      leave()
    }
  }

  #wait(ms: number): Promise<void> {
    return ms === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#context.timers.after(ms, resolve, true))
  }
}
