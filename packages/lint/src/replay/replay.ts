import type { ExplainRequest, Explanation } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import type { Change, Risk } from '../diff/change.js'
import { ConfigView } from '../view/config-view.js'
import { conditionsIn } from './conditions.js'
import { type Decided, type Decision, decisionOf } from './decision.js'
import { readLine } from './logged-request.js'
import { RouteComparison, worstFirst } from './route-comparison.js'

/** A gateway that is asked: one of `createGateway` that is ready, and need not listen. */
export interface ReplaySide {
  readonly config: GatewayServerConfig
  explain(request: ExplainRequest): Explanation | Promise<Explanation>
}

/** Requests that two configurations treat differently, in the same way. */
export interface ReplayGroup {
  /** The worst of what differs. */
  readonly risk: Risk
  readonly before: Decision
  readonly after: Decision
  /** How many there are. */
  readonly requests: number
  /** Some of them: `GET shop.test/users/7`, with what the upstream gets where that differs. At most three. */
  readonly samples: readonly string[]
  /** What differs for them between the routes, and in the pool. */
  readonly changes: readonly Change[]
}

/** What a replay has found. */
export interface ReplayResult {
  /** Requests that were looked at. */
  readonly requests: number
  /** Those that both configurations treat the same. */
  readonly same: number
  /** Lines that are no request: of another format, or refused before they had a path. */
  readonly skipped: number
  /** Requests for which the log names another route than the configuration before: it was not written by that one. */
  readonly unlike: number
  /** What routes choose by and the log does not have: `header x-tenant`, `query`. */
  readonly missing: readonly string[]
  /** The riskiest first, then by their numbers. */
  readonly groups: readonly ReplayGroup[]
}

/** What a replay is made with. */
export interface ReplayOptions {
  /** Told of the lines that were read, each ten thousand. */
  onProgress?(lines: number): void
}

/** Requests that are kept, so that the same one is not asked for twice. */
const MOST_KEPT = 50_000
const SAMPLES = 3

interface Verdict {
  /** `null` where both do the same. */
  readonly group: Growing | null
  readonly sample: string
  readonly route: string | null
}

interface Growing extends ReplayGroup {
  requests: number
  readonly samples: string[]
}

/**
 * Asks two gateways about the requests of an access log, and tells which ones they would treat differently: another route, pool,
 * target or answer, or other options of the route. Nothing is sent. Lines are of the log's `json` format.
 *
 * @example
 * const result = await replay(createInterface({ input: createReadStream('access.log') }), running, next)
 */
export async function replay(
  lines: Iterable<string> | AsyncIterable<string>,
  before: ReplaySide,
  after: ReplaySide,
  { onProgress }: ReplayOptions = {}
): Promise<ReplayResult> {
  const [from, to] = [new ConfigView(before.config), new ConfigView(after.config)]
  const comparison = new RouteComparison(from, to)
  const conditions = conditionsIn([from, to])
  // `null` for two that are the same.
  const groups = new Map<string, Growing | null>()
  const verdicts = new Map<string, Verdict>()
  const missing = new Set<string>()
  const counts = { requests: 0, same: 0, skipped: 0, unlike: 0 }
  let read = 0
  for await (const line of lines) {
    if (++read % 10_000 === 0) onProgress?.(read)
    const logged = readLine(line)
    if (logged === null) {
      if (line.trim() !== '') counts.skipped++
      continue
    }
    counts.requests++
    for (const name of conditions.missingIn(logged)) missing.add(name)
    const verdict = await verdictOf(logged.request)
    if (logged.route !== null && logged.route !== verdict.route) counts.unlike++
    if (verdict.group === null) counts.same++
    else {
      const { group, sample } = verdict
      group.requests++
      if (group.samples.length < SAMPLES && !group.samples.includes(sample)) group.samples.push(sample)
    }
  }
  return {
    ...counts,
    missing: [...missing].sort(),
    groups: [...groups.values()].filter((group) => group !== null).sort(worstFirst)
  }

  async function verdictOf(request: ExplainRequest): Promise<Verdict> {
    const key = JSON.stringify(request)
    const known = verdicts.get(key)
    if (known !== undefined) return known
    const [old, next] = [decisionOf(await before.explain(request)), decisionOf(await after.explain(request))]
    const verdict = { group: groupOf(old, next), sample: sampleOf(request, old, next), route: old.route }
    if (verdicts.size >= MOST_KEPT) verdicts.clear()
    verdicts.set(key, verdict)
    return verdict
  }

  function groupOf({ target: oldTarget, ...old }: Decided, { target, ...next }: Decided): Growing | null {
    const isMoved = oldTarget !== null && target !== null && oldTarget !== target
    const key = JSON.stringify([old, next, isMoved])
    const known = groups.get(key)
    if (known !== undefined) return known
    const found = comparison.compare(old, next, isMoved)
    const group = found && { ...found, before: old, after: next, requests: 0, samples: [] }
    groups.set(key, group)
    return group
  }
}

function sampleOf({ method = 'GET', url, headers }: ExplainRequest, old: Decided, next: Decided): string {
  const asked = `${method} ${headers?.host ?? ''}${url}`
  const isMoved = old.target !== null && next.target !== null && old.target !== next.target
  return isMoved ? `${asked}: ${old.target} → ${next.target}` : asked
}
