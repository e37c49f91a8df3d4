import type { Timers } from '@gatewright/core'
import { type Message, RefusedError } from './channel.js'
import { fieldsOf } from './frame.js'
import type { Member, Orders } from './member.js'
import type { PrimaryLog } from './primary-log.js'
import type { Team } from './team.js'

/** How a change went. */
export type Changed =
  | { readonly applied: true; readonly revision: number; readonly needsRestart: readonly string[] }
  | { readonly applied: false; readonly problems: string }

/** How long a worker may take to make a change ready, in milliseconds. */
const PREPARE_MS = 60_000
/** How long it may take to take it over. */
const COMMIT_MS = 10_000
/** How often a change is begun anew because a worker has ended meanwhile. */
const MOST_TRIES = 3
/** How often, and how long apart in milliseconds, it is looked whether there is a worker to check a change. */
const MOST_LOOKS = 60
const LOOK_MS = 500

/** `closing`: it takes no change any more, and no connection. */
type Vote = 'yes' | 'gone' | 'closing' | { readonly no: string }

/** The version that all workers run. */
export class SharedVersion {
  readonly #team: () => Team
  readonly #timers: Timers
  readonly #log: PrimaryLog
  #version: string
  #base: string
  #source: string
  #revision = 1

  /** Begins with the version that the workers start with. */
  constructor(team: () => Team, timers: Timers, log: PrimaryLog, version: string, source: string) {
    this.#team = team
    this.#timers = timers
    this.#log = log
    this.#version = this.#base = version
    this.#source = source
  }

  get revision(): number {
    return this.#revision
  }

  /** What a worker that starts is told. */
  get orders(): Omit<Orders, 'processes'> {
    const base = this.#base === this.#version ? null : this.#base
    return { version: this.#version, base, source: this.#source }
  }

  /** Workers that start from now on start with the version itself. Gives what takes that back. */
  rebase(): () => void {
    const before = this.#base
    this.#base = this.#version
    return () => {
      this.#base = before
    }
  }

  /**
   * Changes all workers to another version, or none: each makes it ready, and only when all have, each takes it over. Workers
   * that start wait for that.
   */
  async change(version: string, source: string): Promise<Changed> {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const leave = await this.#team().turnstile.change()
      try {
        const changed = await this.#change(version, source)
        if (changed !== null) return changed
      } finally {
        leave()
      }
      await new Promise<void>((resolve) => this.#timers.after(LOOK_MS, resolve, true))
    }
    return { applied: false, problems: 'no worker serves that could check it' }
  }

  // `null` where there is no worker at the moment.
  async #change(version: string, source: string): Promise<Changed | null> {
    const team = this.#team()
    for (let tries = 1; ; tries++) {
      if (team.stopped) return { applied: false, problems: 'the gateway stops' }
      const members = [...team.members].filter(({ accepts }) => accepts)
      const votes = await Promise.all(members.map((member) => prepare(member, version, source)))
      const against = votes.find((vote): vote is { no: string } => typeof vote === 'object')
      const ready = members.filter((_, index) => votes[index] === 'yes')
      if (against === undefined && !votes.includes('gone'))
        return ready.length === 0 ? null : await this.#commit(ready, version, source)
      for (const member of ready) member.channel.tell('abandon')
      if (against !== undefined) return { applied: false, problems: against.no }
      if (tries === MOST_TRIES)
        return { applied: false, problems: 'workers ended while they made the change ready' }
    }
  }

  async #commit(members: readonly Member[], version: string, source: string): Promise<Changed> {
    this.#version = version
    this.#source = source
    this.#revision++
    const answers = await Promise.all(members.map((member) => this.#committed(member)))
    const needsRestart = answers.find((answer) => answer !== null) ?? []
    if (needsRestart.length === 0) this.#base = version
    return { applied: true, revision: this.#revision, needsRestart }
  }

  // It has said that it can. One that does not is ended, and the worker in its place has the version.
  async #committed(member: Member): Promise<readonly string[] | null> {
    try {
      const { body } = await member.channel.ask('commit', COMMIT_MS)
      member.takePaths(body)
      const { needsRestart } = fieldsOf(body)
      return Array.isArray(needsRestart) ? needsRestart.map(String) : []
    } catch (error) {
      if (member.state === 'serving') {
        this.#log.error(
          { worker: member.worker, err: (error as Error).message },
          'a worker has not taken a change over that it had made ready'
        )
        member.kill('it did not take a change over')
      }
      return null
    }
  }
}

async function prepare({ channel }: Member, version: string, source: string): Promise<Vote> {
  try {
    const answer: Message = await channel.ask('prepare', PREPARE_MS, { source }, version)
    return fieldsOf(answer.body).closing === true ? 'closing' : 'yes'
  } catch (error) {
    return error instanceof RefusedError ? { no: error.message } : 'gone'
  }
}
