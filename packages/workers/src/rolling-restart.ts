import type { Timers } from '@gatewright/core'
import type { SharedVersion } from './shared-change.js'
import type { Team } from './team.js'

/** How long one that leaves is waited for, in milliseconds, before the next is started: streams may take all of `drain`. */
const LEAVE_MS = 10_000

/** Starts every worker anew, one after another. Rejects when one cannot start; it and those behind it go on as they were. */
export async function rollingRestart(team: Team, shared: SharedVersion, timers: Timers): Promise<void> {
  const takeBack = shared.rebase()
  let isFirst = true
  for (const member of team.serving) {
    try {
      await team.renew(member)
    } catch (error) {
      // Those that were started anew run what needs a restart; the first one's failure leaves all as they were.
      if (isFirst) takeBack()
      throw error
    }
    isFirst = false
    if (member.state === 'leaving') await Promise.race([member.ended, after(timers, LEAVE_MS)])
  }
}

function after(timers: Timers, ms: number): Promise<void> {
  return new Promise((resolve) => timers.after(ms, resolve))
}
