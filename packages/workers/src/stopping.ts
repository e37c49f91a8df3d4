import type { Timers } from '@gatewright/core'
import type { Member, MemberStage } from './member.js'

/** What a worker may take longer than a stage is to last, in milliseconds, before it is killed. */
const GRACE_MS = 5_000
/** How long workers may take to cut everything off. */
const CUT_OFF_MS = 2_000

/** Ends workers in stages; one that does not keep to its times is killed. */
export class Stopping {
  readonly #timers: Timers
  readonly #bounds = new Map<Member, () => void>()
  /** Whether a worker had to be killed, or all were cut off. */
  forced = false

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Resolves when all have ended: whether each has done so as it should. */
  async stop(members: readonly Member[]): Promise<boolean> {
    const ended = members.map(async (member) => {
      // One that has not served yet has nothing to lose.
      const hasServed = member.state !== 'starting'
      this.#bound(member, member.stageMs + GRACE_MS)
      member.leave()
      const { code } = await member.ended
      this.#bounds.get(member)?.()
      return code === 0 || !hasServed
    })
    return (await Promise.all(ended)).every(Boolean) && !this.forced
  }

  /** A worker begins a stage. */
  stage(member: Member, { stage, mostMs }: MemberStage): void {
    if (this.#bounds.has(member) && !this.forced)
      this.#bound(member, mostMs + (stage === 'cut-off' ? CUT_OFF_MS : GRACE_MS))
  }

  /** Cuts everything off. */
  force(): void {
    if (this.forced) return
    this.forced = true
    for (const member of this.#bounds.keys()) {
      member.channel.tell('cut-off')
      this.#bound(member, CUT_OFF_MS)
    }
  }

  #bound(member: Member, ms: number): void {
    this.#bounds.get(member)?.()
    const cancel = this.#timers.after(
      ms,
      () => {
        this.forced = true
        member.kill('it did not stop in time')
      },
      true
    )
    this.#bounds.set(member, cancel)
  }
}
