import type { Difference } from '../meaning/differences.js'
import type { Node } from '../meaning/node.js'
import { waysIn } from '../view/auth.js'
import type { Risk } from './change.js'
import { isOn, listChange, numberOf, observes, partOf } from './node-values.js'

/** What a change of `auth` does, from the whole before and the whole after. */
export function authRisk(from: Node | undefined, to: Node | undefined): Risk {
  if (!asks(to)) return asks(from) ? 'auth-removed' : 'changed'
  if (!asks(from)) return 'auth-strengthened'
  if (observes(to) !== observes(from)) return weakenedIf(observes(to))
  const optional = (node: Node | undefined): boolean => partOf(node, 'optional')?.shown === true
  if (optional(to) && !optional(from)) return 'auth-weakened'
  const [old, next] = [waysIn(partOf(from, 'ways')?.shown), waysIn(partOf(to, 'ways')?.shown)]
  // Each way in must ask for all that one of the ways in before has asked for.
  const [isKept, wasKept] = [asksAsMuch(old, next), asksAsMuch(next, old)]
  if (!isKept || !wasKept) return weakenedIf(!isKept)
  return optional(from) === optional(to) ? 'changed' : 'auth-strengthened'
}

type Ways = ReturnType<typeof waysIn>

function asksAsMuch(old: Ways, next: Ways): boolean {
  return next.every((way) => old.some((one) => one.every((name) => way.includes(name))))
}

function asks(node: Node | undefined): boolean {
  return isOn(node) && partOf(node, 'default') === undefined
}

/** Of `authorize`: lists of which all entries are needed; of the others, one will do. */
const ALL_NEEDED = ['scopes']

/** What a change of `authorize` does. */
export function authorizeRisk(
  { keys, from, to }: Difference,
  whole: readonly [Node | undefined, Node | undefined]
): Risk {
  const [, key = ''] = keys
  if (key === '') return isOn(to) ? 'auth-strengthened' : 'auth-weakened'
  if (key === 'mode') return weakenedIf(observes(whole[1]))
  if (key === 'any' || key === 'check') return 'auth-weakened'
  if (from === undefined) return 'auth-strengthened'
  if (to === undefined) return 'auth-weakened'
  const change = listChange(from, to)
  return weakenedIf(ALL_NEEDED.includes(key) ? change !== 'more' : change !== 'fewer')
}

/** Of schemes: keys by which more is let in when they grow, or when they are true or open. */
const GROWING = [
  'clockSkew',
  'maxLifetime',
  'remember',
  'tolerance',
  'maxTokenSize',
  'found',
  'active',
  'ttl',
  'denied'
]
const LISTS = ['audience', 'issuer', 'algorithms', 'types', 'scopes', 'roles', 'subjects']
const NEEDED = ['requiredClaims', 'covers', 'by']
const HARMLESS = [
  'metadata',
  'realm',
  'headers',
  'timeout',
  'refresh',
  'cooldown',
  'maxTokens',
  'maxEntries',
  'maxKeys',
  'maxClients',
  'concurrency',
  'maxRemembered',
  'responseHeaders',
  'refusalHeaders',
  'notFound',
  'inactive'
]

/** What a change of `authentication` does. */
export function authenticationRisk({ keys, from, to }: Difference): Risk {
  const [, part = '', name = '', key = ''] = keys
  const last = keys.at(-1) ?? ''
  if (part === 'failures') return failuresRisk(last, from, to)
  if (keys.some((one) => HARMLESS.includes(one))) return 'changed'
  const isWhole =
    name === '' ||
    key === '' ||
    (key === 'keys' && keys.length === 5 && partOf(from ?? to, 'hash') !== undefined) ||
    (key === 'users' && keys.length === 5)
  if (isWhole) return from === undefined ? 'added' : to === undefined ? 'removed' : 'changed'
  if (last === 'allowHttp') return weakenedIf(to?.shown === true)
  if (last === 'failMode') return weakenedIf(to?.shown === 'open')
  if (LISTS.includes(last)) return listRisk(from, to, keys)
  if (NEEDED.includes(last)) return weakenedIf(listChange(from, to) !== 'more')
  if (GROWING.includes(last))
    return weakenedIf(
      (numberOf(to) ?? Number.POSITIVE_INFINITY) > (numberOf(from) ?? Number.POSITIVE_INFINITY)
    )
  if (last === 'expires' || last === 'notBefore') return datesRisk(last, from, to)
  if (['hash', 'password', 'secret', 'secrets', 'clientSecret'].includes(last)) return 'changed'
  return 'auth-weakened'
}

// What a token or a consumer may: an audience that is `false` is everybody's.
function listRisk(from: Node | undefined, to: Node | undefined, keys: readonly string[]): Risk {
  const last = keys.at(-1) ?? ''
  const isLimit = ['audience', 'issuer', 'algorithms', 'types'].includes(last)
  if (isLimit && !isOn(to)) return 'auth-weakened'
  if (isLimit && !isOn(from)) return 'auth-strengthened'
  return weakenedIf(listChange(from, to) !== 'fewer')
}

function datesRisk(key: string, from: Node | undefined, to: Node | undefined): Risk {
  const otherwise = key === 'expires' ? Number.POSITIVE_INFINITY : 0
  const time = (node: Node | undefined): number =>
    node === undefined ? otherwise : Date.parse(String(node.shown))
  return weakenedIf(key === 'expires' ? time(to) > time(from) : time(to) < time(from))
}

function failuresRisk(key: string, from: Node | undefined, to: Node | undefined): Risk {
  if (key === 'maxClients') return 'changed'
  if (key === 'failures') return isOn(to) ? 'limit-tightened' : 'limit-loosened'
  const isMore = (numberOf(to) ?? 0) > (numberOf(from) ?? 0)
  return isMore === (key === 'limit') ? 'limit-loosened' : 'limit-tightened'
}

function weakenedIf(isWeaker: boolean): Risk {
  return isWeaker ? 'auth-weakened' : 'auth-strengthened'
}
