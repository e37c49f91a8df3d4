import { STATUS_RULE, type StatusRange, statusRange } from '../status-range.js'

/** What clients get instead of an upstream's status, by that status; 0 for the same. */
export type StatusMap = Readonly<Uint16Array>

/** Not Modified and parts of a body mean what only the upstream's answer can say; of 205 nothing is relayed. */
const KEPT = [205, 206, 304]

/** Compiles a checked `status`. The first range that fits a status holds. */
export function compileStatusMap(config: Readonly<Record<string, number>>): StatusMap {
  const map = new Uint16Array(600)
  for (const [given, to] of entriesOf(config)) {
    const [first, last] = statusRange(given) as StatusRange
    for (let status = first; status <= last; status++)
      if (map[status] === 0 && !KEPT.includes(status)) map[status] = to
  }
  return map
}

/** Yields what is wrong with a `status`. */
export function* checkStatusMap(config: Readonly<Record<string, number>>, at: string): Iterable<string> {
  for (const [given, to] of Object.entries(config)) {
    const range = statusRange(given)
    if (range === null || !/^\d/.test(given)) yield `${at}: '${given}' ${STATUS_RULE}`
    else if (range[0] === range[1] && KEPT.includes(range[0]))
      yield `${at}.${given}: stays as it is: what it says of the body holds for this answer alone`
    if ([...KEPT, 407].includes(to)) yield `${at}.${given}: ${to} cannot be made of another status`
  }
}

// Single statuses go before ranges. In JavaScript keys that are numbers come first anyway.
function entriesOf(config: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(config).sort(([one], [other]) => Number(one.length > 3) - Number(other.length > 3))
}
