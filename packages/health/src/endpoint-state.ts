import type { EndpointHealth } from '@gatewright/core'
import { Ejection } from './ejection.js'
import { type ProbeState, UNPROBED } from './probe-streak.js'
import { StandingLine } from './standing-line.js'
import { Streaks } from './streaks.js'
import { Window } from './window.js'

/** What an endpoint's health was set to by hand; `null` when it was not. */
export type Forced = 'up' | 'down' | null

/** Everything that is known of one endpoint. */
export class EndpointState {
  forced: Forced = null
  probe: ProbeState = UNPROBED
  /** Windows in a row in which it was too slow. */
  slowWindows = 0
  readonly ejection = new Ejection()
  readonly streaks = new Streaks()
  readonly line = new StandingLine()
  readonly window = new Window()

  /** Nothing of its traffic is remembered. An ejection under way goes on. */
  forgetTraffic(): void {
    this.streaks.reset()
    this.line.reset()
    this.window.reset()
    this.slowWindows = 0
  }

  /** By hand goes before ejection, ejection before probes. */
  healthAt(now: number): EndpointHealth {
    if (this.forced === 'down') return 'unhealthy'
    if (this.forced === 'up') return 'healthy'
    return this.ejection.isOn(now) ? 'ejected' : this.probe.health
  }
}
