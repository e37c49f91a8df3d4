import { type Endpoint, type Pool, type Timers, waitFor } from '@gatewright/core'
import { poolTarget } from './probe-target.js'
import type { Probe } from './prober.js'
import type { ProbeSettings } from './settings.js'
import type { ProbeOutcome } from './verdict.js'

/**
 * Probes endpoints once, before they get traffic (`probeFirst`), as many at a time as `concurrency` says. Resolves within
 * `timeout`; endpoints whose turn has not come by then are not in it. Never rejects.
 */
export async function firstProbes(
  pool: Pool,
  endpoints: readonly Endpoint[],
  settings: ProbeSettings,
  timers: Timers,
  probe: Probe
): Promise<ReadonlyMap<Endpoint, ProbeOutcome>> {
  const outcomes = new Map<Endpoint, ProbeOutcome>()
  const controller = new AbortController()
  const { signal } = controller
  const stop = waitFor(timers, settings.timeoutMs, () => controller.abort())
  const line = [...endpoints]
  const work = async (): Promise<void> => {
    for (let endpoint = line.shift(); endpoint !== undefined && !signal.aborted; endpoint = line.shift())
      outcomes.set(endpoint, await probe(poolTarget(pool, endpoint, settings), settings, signal))
  }
  await Promise.all(Array.from({ length: Math.min(settings.concurrency, line.length) }, work))
  stop()
  return outcomes
}
