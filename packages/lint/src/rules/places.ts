import type { Given } from '../view/route-view.js'

type Place = Pick<Given, 'path' | 'from'>

const NEAREST = { route: 0, policy: 1, pool: 2, gateway: 3 } as const

/** Of two values that do not go together, the place of the one that is said nearer to the route: the one to change. */
export function nearer(a: Place, b: Place): string {
  return NEAREST[a.from] <= NEAREST[b.from] ? a.path : b.path
}
