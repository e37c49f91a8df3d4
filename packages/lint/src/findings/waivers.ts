import { didYouMean } from '@gatewright/core'
import { isForProduction } from '../production/production-rules.js'
import type { Rule } from '../rules/rule.js'
import { WAIVER_RULES } from '../rules/waivers.js'
import type { ConfigView } from '../view/config-view.js'
import type { Finding, Waiver } from './finding.js'

/** Longest time that a waiver should hold: what is left for longer is no exception. */
const LONGEST_DAYS = 400
const DAY_MS = 86_400_000

/** A waiver, and where it stands. */
export interface PlacedWaiver {
  readonly waiver: Waiver
  readonly path: string
}

/** The rules that there are, and whether those for production were looked for: else nothing can be found for their waivers. */
interface KnownRules {
  readonly ids: readonly string[]
  readonly production: boolean
}

/** What waivers make of findings, with what is wrong with the waivers themselves. */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly PlacedWaiver[],
  known: KnownRules,
  view: ConfigView,
  now: Date
): Finding[] {
  const used = new Set<Waiver>()
  const judged = findings.map((finding) => {
    const holding = waivers.filter(({ waiver }) => covers(waiver, finding, view))
    for (const { waiver } of holding) used.add(waiver)
    const valid = holding.find(({ waiver }) => (endOf(waiver.expires) ?? 0) > now.getTime())
    return valid === undefined ? finding : { ...finding, waivedBy: valid.waiver }
  })
  return [
    ...judged,
    ...waivers.flatMap(({ waiver, path }) => [...problemsOf(waiver, path, used.has(waiver), known, now)])
  ]
}

function* problemsOf(
  { id, expires }: Waiver,
  path: string,
  isUsed: boolean,
  { ids, production }: KnownRules,
  now: Date
): Iterable<Finding> {
  const end = endOf(expires)
  if (!ids.includes(id)) {
    yield finding(WAIVER_RULES.unknownRule, path, `there is no rule '${id}'${didYouMean(id, ids)}`)
    return
  }
  if (end === null) yield finding(WAIVER_RULES.invalidDate, path, `'${String(expires)}' is no date`)
  else if (!isUsed && (production || !isForProduction(id)))
    yield finding(WAIVER_RULES.unused, path, `nothing is found that this waiver of ${id} is for`)
  else if (end <= now.getTime())
    yield finding(WAIVER_RULES.expired, path, `the waiver of ${id} has expired (${expires})`)
  else if (end - now.getTime() > LONGEST_DAYS * DAY_MS)
    yield finding(WAIVER_RULES.tooLong, path, `the waiver of ${id} holds until ${expires}`)
}

function finding({ id, severity, fix }: Rule, path: string, message: string): Finding {
  return { id, severity, path, message, fix }
}

/** When a waiver ends, in milliseconds; a date holds until its end, UTC. `null` for what is no date. */
function endOf(expires: string): number | null {
  if (typeof expires !== 'string' || !/^\d{4}-\d{2}-\d{2}(?:$|T)/.test(expires)) return null
  const isDay = expires.length === 10
  const time = Date.parse(isDay ? `${expires}T00:00:00Z` : expires)
  if (Number.isNaN(time)) return null
  // `Date` takes the 31st of February for a day in March.
  if (isDay && new Date(time).toISOString().slice(0, 10) !== expires) return null
  return isDay ? time + DAY_MS : time
}

function covers({ id, path }: Waiver, finding: Finding, view: ConfigView): boolean {
  if (id !== finding.id) return false
  if (path === undefined) return true
  return isWithin(finding.path, path) || isWithin(byRouteId(finding.path, view), path)
}

function isWithin(path: string, outer: string): boolean {
  return outer !== '' && path.startsWith(outer) && /^(?:$|[.[])/.test(path.slice(outer.length))
}

/** `routes[3].retry` as `routes.users.retry`. */
function byRouteId(path: string, { routes }: ConfigView): string {
  const [, index, rest = ''] = /^routes\[(\d+)\](.*)$/s.exec(path) ?? []
  const route = index === undefined ? undefined : routes[Number(index)]
  return route === undefined ? path : `routes.${route.id}${rest}`
}
