import { InvalidConfigError } from './errors.js'
import { printable } from './printable.js'

/** Problems that are listed; the rest are counted. */
const MOST = 100
/** Characters of one problem that are shown. */
const LONGEST = 800

/** GW_CONFIG_INVALID, with all problems. */
export interface InvalidConfig extends Error {
  /** A sentence each, that begins with the path of what it is about: `pools.users.health: …`. */
  readonly problems: readonly string[]
}

/** GW_CONFIG_INVALID with the problems, one per line, up to a limit, and their number; `problems` has all. */
export function invalidConfig(problems: readonly string[]): InvalidConfig {
  const lines = problems.slice(0, MOST).map((problem) => `  - ${printable(problem, LONGEST)}`)
  const more = problems.length - lines.length
  if (more > 0) lines.push(`  - and ${more} more`)
  const error = new InvalidConfigError(lines.join('\n'))
  const all = problems.map((problem) => printable(problem, LONGEST))
  // Not among what loggers and JSON show: the message has them.
  return Object.defineProperty(error, 'problems', { value: all }) as unknown as InvalidConfig
}

/**
 * The problems of what a configuration means, but not those of parts that have the wrong shape: they say nothing, and
 * the checks may not even get through such a part.
 */
export function* elsewhere(shape: readonly string[], meaning: Iterable<string>): Iterable<string> {
  const wrong = new Set(shape.flatMap((problem) => partsOf(problem).slice(-1)))
  const isSaid = (problem: string): boolean =>
    partsOf(problem).some((part) => wrong.has(part)) ||
    (wrong.has('pools') && problem.includes(': there is no pool ')) ||
    (wrong.has('policies') && problem.includes(': there is no policy '))
  try {
    for (const problem of meaning) if (!isSaid(problem)) yield problem
  } catch (error) {
    if (shape.length === 0) throw error
  }
}

// `pools.users.tls: …` stands in `pools` and `pools.users`: the first two steps of the place that a problem names.
function partsOf(problem: string): string[] {
  const [part = '', first = ''] = /^([^.[:]*)(?:\.[^.[:]*|\[\d+\])?/.exec(problem) ?? []
  return part === first ? [part] : [first, part]
}
