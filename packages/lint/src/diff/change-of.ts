import type { Difference } from '../meaning/differences.js'
import type { Change } from './change.js'
import { riskOf, type Wholes } from './risk.js'
import { inWords } from './words.js'

/** What a difference is in. */
export interface Whole {
  /** `routes[3]`, `pools.users`; `''` for the top. */
  readonly path: string
  /** `route 'users'`. */
  readonly what: string
}

/** A difference as a change. */
export function changeOf(difference: Difference, { path, what }: Whole, wholes: Wholes): Change {
  const { from, to, before, after } = difference
  const kind = from === undefined ? 'added' : to === undefined ? 'removed' : 'changed'
  const risk = riskOf(difference, wholes)
  const inside = difference.path.replace(/^\./, '')
  const name = inside === '' ? what : `${what}: ${inside}`
  return {
    kind,
    risk,
    path: path === '' ? inside : path + difference.path,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    message:
      kind === 'added' && inside === ''
        ? `${name} is new`
        : kind === 'removed' && inside === ''
          ? `${name} is gone`
          : `${name}: ${inWords(before)} → ${inWords(after)}`
  }
}
