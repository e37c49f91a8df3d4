import type { Difference } from '../meaning/differences.js'
import type { Node } from '../meaning/node.js'
import type { Risk } from './change.js'
import { isOn, numberOf, observes } from './node-values.js'

/** Numbers by which less is let in when they grow. */
const TIGHTENING = ['window', 'cost', 'minRate', 'minRequests']
/** Numbers of which 0 means no limit. */
const ZERO_IS_NONE = ['perClient', 'maxRequests', 'maxRequestsPerSocket', 'requestTimeout']

/** What a change of a limit does: a part that is switched on or off, or one of its values. */
export function limitRisk({ keys, from, to }: Difference): Risk {
  const last = keys.at(-1) ?? ''
  const isPart =
    from?.kind === 'branch' ||
    to?.kind === 'branch' ||
    [from, to].some((one) => one?.kind === 'leaf' && one.meaning === false)
  // `false` switches off what the top or the pool would give.
  if (isPart && last !== 'bodyLimit' && !isOn(from) && !isOn(to)) return loosenedIf(to !== undefined)
  if (isPart && last !== 'bodyLimit') return loosenedIf(!isOn(to) || (isOn(from) && observes(to)))
  switch (last) {
    case 'mode':
      return loosenedIf(to?.shown === 'observe')
    case 'key':
      return 'limit-loosened'
    case 'withoutKey':
      return loosenedIf(to?.shown !== 'reject')
    case 'onStoreFailure':
      return loosenedIf(to?.shown === 'open' || from?.shown === 'closed')
    case 'store':
      return loosenedIf(to?.shown === 'memory')
    case 'otherMediaTypes':
      return loosenedIf(to?.shown === 'pass')
    default: {
      const [old, next] = [amount(from, last), amount(to, last)]
      if (old === undefined || next === undefined) return 'changed'
      return loosenedIf(TIGHTENING.includes(last) ? next < old : next > old)
    }
  }
}

function amount(node: Node | undefined, key: string): number | undefined {
  if (!isOn(node)) return Number.POSITIVE_INFINITY
  const number = numberOf(node)
  return number === 0 && ZERO_IS_NONE.includes(key) ? Number.POSITIVE_INFINITY : number
}

function loosenedIf(isLooser: boolean): Risk {
  return isLooser ? 'limit-loosened' : 'limit-tightened'
}
