import type { LintRule, Severity } from '../rules/rule.js'
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

/** What waivers make of findings, with what is wrong with the waivers themselves. */
export function applyWaivers(
  findings: readonly Finding[],
  waivers: readonly PlacedWaiver[],
  rules: readonly LintRule[],
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
  const known = new Set(rules.map(({ id }) => id))
  return [
    ...judged,
    ...waivers.flatMap(({ waiver, path }) => [...problemsOf(waiver, path, used.has(waiver), known, now)])
  ]
}

function* problemsOf(
  { id, expires, reason }: Waiver,
  path: string,
  isUsed: boolean,
  known: ReadonlySet<string>,
  now: Date
): Iterable<Finding> {
  const end = endOf(expires)
  if (typeof reason !== 'string' || reason.trim() === '')
    yield finding(
      'waiver.no-reason',
      'warning',
      path,
      `the waiver of ${id} gives no reason`,
      'Say why it is left so.'
    )
  if (end === null)
    yield finding(
      'waiver.invalid-date',
      'error',
      path,
      `'${String(expires)}' is no date, so the waiver of ${id} does not hold`,
      "Give a date such as '2027-03-31'."
    )
  else if (end <= now.getTime())
    yield finding(
      'waiver.expired',
      'error',
      path,
      `the waiver of ${id} has expired (${expires})`,
      'Do what the rule says, or extend the waiver with the reason why.'
    )
  else if (end - now.getTime() > LONGEST_DAYS * DAY_MS)
    yield finding(
      'waiver.too-long',
      'warning',
      path,
      `the waiver of ${id} holds until ${expires}, more than a year from here`,
      'Give a date on which somebody looks at it again; for good, switch the rule off.'
    )
  if (!known.has(id))
    yield finding(
      'waiver.unknown-rule',
      'error',
      path,
      `there is no rule '${id}'`,
      'Name one of docs/lint.md.'
    )
  else if (!isUsed && end !== null)
    yield finding(
      'waiver.unused',
      'warning',
      path,
      `nothing is found that the waiver of ${id} is for`,
      'Take it out.'
    )
}

function finding(id: string, severity: Severity, path: string, message: string, fix: string): Finding {
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
  return path.startsWith(outer) && /^(?:$|[.[])/.test(path.slice(outer.length))
}

/** `routes[3].retry` as `routes.users.retry`. */
function byRouteId(path: string, { routes }: ConfigView): string {
  const [, index, rest = ''] = /^routes\[(\d+)\](.*)$/s.exec(path) ?? []
  const route = index === undefined ? undefined : routes[Number(index)]
  return route === undefined ? path : `routes.${route.id}${rest}`
}
