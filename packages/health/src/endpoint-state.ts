import type { EndpointHealth } from '@gatewright/core'
import { Ejection } from './ejection.js'
import { type ProbeState, UNPROBED } from './probe-streak.js'
import { StandingLine } from './standing-line.js'
import { Streaks } from './streaks.js'
import { Window } from './window.js'

/** An endpoint's health as set manually; `null` if not set. */
export type Forced = 'up' | 'down' | null

/** Whether an endpoint with this health gets no traffic. */
export function isOut(health: EndpointHealth): boolean {
  return health === 'unhealthy' || health === 'ejected'
}

/** The health state of one endpoint. */
export class EndpointState {
  forced: Forced = null
  probe: ProbeState = UNPROBED
  /** Consecutive windows in which it was too slow. */
  slowWindows = 0
  readonly ejection = new Ejection()
  readonly streaks = new Streaks()
  readonly line = new StandingLine()
  readonly window = new Window()

  /** Resets what was learned from traffic. A current ejection continues. */
  forgetTraffic(): void {
    this.streaks.reset()
    this.line.reset()
    this.window.reset()
    this.slowWindows = 0
  }

  /** Manual state takes precedence over ejection, ejection over probes. */
  healthAt(now: number): EndpointHealth {
    if (this.forced === 'down') return 'unhealthy'
    if (this.forced === 'up') return 'healthy'
    return this.ejection.isOn(now) ? 'ejected' : this.probe.health
  }
}
