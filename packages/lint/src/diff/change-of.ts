import type { Difference } from '../meaning/differences.js'
import type { PlacedChange } from './change.js'
import { riskOf, type Wholes } from './risk.js'
import { inWords } from './words.js'

/** What a difference is in. */
export interface Whole {
  /** `routes[3]`, `pools.users`; `''` for the top. */
  readonly path: string
  /** The same before the change, where it was another. */
  readonly oldPath?: string
  /** `route 'users'`. */
  readonly what: string
}

/** A difference as a change. */
export function changeOf(
  difference: Difference,
  { path, oldPath = path, what }: Whole,
  wholes: Wholes
): PlacedChange {
  const { from, to, before, after } = difference
  const kind = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed'
  const isGone = kind === 'removed'
  const risk = riskOf(difference, wholes)
  const inside = difference.path.replace(/^\./, '')
  const name = inside === '' ? what : `${what}: ${inside}`
  const within = (whole: string): string => (whole === '' ? inside : whole + difference.path)
  return {
    at: within(isGone ? oldPath : path),
    isGone,
    change: {
      kind,
      risk,
      path: within(path),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      message:
        kind === 'added' && inside === ''
          ? `${name} is new`
          : isGone && inside === ''
            ? `${name} is gone`
            : `${name}: ${inWords(before)} → ${inWords(after)}`
    }
  }
}
