import type { Difference } from '../meaning/differences.js'
import type { Risk } from './change.js'
import { isOn, listChange, partOf } from './node-values.js'

/** Lists by which more is shown, or more is believed, when they grow. */
const OPENING = ['trustedProxies', 'origins', 'methods', 'allowedHeaders', 'exposedHeaders', 'headers']
/** Lists that keep something back. */
const CLOSING = ['reservedHeaders', 'redactHeaders', 'redactQuery', 'remove']

/** What a change does to what is shown to whom, and believed of whom. */
export function exposureRisk({ keys, from, to }: Difference): Risk {
  const [first = ''] = keys
  const last = keys.at(-1) ?? ''
  if (keys.length === 1) return wholeRisk(first, { from, to })
  // Without a list, all are meant: the headers that are asked for, the methods of the route.
  if (OPENING.includes(last))
    return widenedIf(to === undefined || (from !== undefined && listChange(from, to) !== 'fewer'))
  if (CLOSING.includes(last)) return widenedIf(listChange(from, to) !== 'more')
  switch (last) {
    case 'credentials':
    case 'privateNetwork':
    case 'crossSite':
    case 'withSetCookie':
    case 'query':
      return widenedIf(to?.shown === true)
    case 'refuseOthers':
    case 'requireToken':
      return widenedIf(to?.shown !== true)
    case 'encodedSlashes':
    case 'duplicateSlashes':
      return widenedIf(to?.shown === 'keep')
    case 'listener':
      return widenedIf(to?.shown === 'app')
    case 'host':
      return widenedIf(!LOOPBACK.test(String(to?.shown ?? '')))
    default:
      return first === 'securityHeaders' && to?.shown === false ? 'exposure-widened' : 'changed'
  }
}

const LOOPBACK = /^(?:127\.|::1$|localhost$)/

function wholeRisk(key: string, { from, to }: Pick<Difference, 'from' | 'to'>): Risk {
  switch (key) {
    case 'trustedProxies':
      return widenedIf(listChange(from, to) !== 'fewer')
    case 'reservedHeaders':
      return widenedIf(listChange(from, to) !== 'more')
    case 'underscores':
      return widenedIf(to?.shown === 'keep')
    case 'cors':
      return widenedIf(isOn(to))
    case 'securityHeaders':
      return widenedIf(!isOn(to))
    case 'metrics':
      return isOn(to) && partOf(to, 'listener')?.shown === 'app' ? 'exposure-widened' : 'changed'
    default:
      return 'changed'
  }
}

function widenedIf(isWider: boolean): Risk {
  return isWider ? 'exposure-widened' : 'exposure-narrowed'
}
