import type { Difference } from '../meaning/differences.js'
import type { Risk } from './change.js'

/** What a difference may do; `path` is that of the route, pool or policy that it is in. */
export function riskOf({ keys, from, to }: Difference, path: string): Risk {
  const [key = ''] = keys
  if (key === '' && path !== '') return from === undefined ? 'added' : 'removed'
  if (key === 'auth') return to === undefined || isFalse(to) ? 'auth-removed' : 'auth-weakened'
  if (key === 'timeouts') return 'timeout-changed'
  if (['pool', 'endpoints', 'rewrite', 'redirect', 'respond', 'handler', 'preserveHost'].includes(key))
    return 'upstream-changed'
  return 'changed'
}

function isFalse(node: Difference['to']): boolean {
  return node?.kind === 'leaf' && node.meaning === false
}
