import { type Difference, ORDER } from '../meaning/differences.js'
import type { Node } from '../meaning/node.js'
import type { Risk } from './change.js'
import { isOn, partOf } from './node-values.js'
import { authenticationRisk, authorizeRisk, authRisk } from './risk-auth.js'
import { exposureRisk } from './risk-exposure.js'
import { limitRisk } from './risk-limits.js'
import { poolTlsRisk, requireTlsRisk } from './risk-tls.js'

/** The whole that a difference is in, before and after. */
export type Wholes = readonly [from: Node | undefined, to: Node | undefined]

/** Keys whose changes are of one kind. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  upstream: ['pool', 'rewrite', 'redirect', 'respond', 'handler', 'preserveHost', 'fallback', 'discovery'],
  limit: [
    'rateLimit',
    'concurrency',
    'bodyLimit',
    'overload',
    'rateLimitStore',
    'maxHeaders',
    'maxUrlSize',
    'connections',
    'circuitBreaker',
    'validation'
  ],
  exposure: [
    'cors',
    'securityHeaders',
    'trustedProxies',
    'reservedHeaders',
    'underscores',
    'metrics',
    'accessLog',
    'paths',
    'probes',
    'listen',
    'compression'
  ],
  timeout: ['timeouts', 'shutdown']
}

const KIND_OF: ReadonlyMap<string, string> = new Map(
  Object.entries(KINDS).flatMap(([kind, keys]) => keys.map((key) => [key, kind] as const))
)

/** What a difference may do. Where it cannot be told, the worse of what is possible. */
export function riskOf(difference: Difference, wholes: Wholes): Risk {
  const { keys, from, to } = difference
  const [key = ''] = keys
  const parts: Wholes = [partOf(wholes[0], key), partOf(wholes[1], key)]
  if (key === '') return from === undefined ? 'added' : 'removed'
  switch (key) {
    case 'auth':
      return authRisk(...parts)
    case 'authorize':
      return authorizeRisk(difference, parts)
    case 'authentication':
      return authenticationRisk(difference)
    case 'filters':
      return filterRisk(difference)
    case 'requireTls':
      return requireTlsRisk(difference)
    case 'tls':
      return poolTlsRisk(difference)
    case 'endpoints':
      return endpointRisk(difference, parts)
    case 'hooks':
      // A hook may be what lets people in.
      return ['onRequest', 'preHandler'].includes(keys[1] ?? '') && isFewer(parts)
        ? 'auth-weakened'
        : 'changed'
    case 'retry':
      return ['attempts', 'budgetPercent', 'budgetMinPerSecond'].includes(keys[1] ?? '')
        ? limitRisk(difference)
        : 'changed'
    case 'server':
      return /Timeout$/.test(keys[1] ?? '') ? 'timeout-changed' : limitRisk(difference)
    case 'transform':
      return transformRisk(difference)
  }
  switch (KIND_OF.get(key)) {
    case 'upstream':
      return 'upstream-changed'
    case 'limit':
      return key === 'connections' && keys[1] === 'keepAlive' ? 'changed' : limitRisk(difference)
    case 'exposure':
      return exposureRisk({ ...difference, from, to })
    case 'timeout':
      return 'timeout-changed'
    default:
      return 'changed'
  }
}

const DECIDING: readonly unknown[] = ['ext_authz', 'ext_authz_http', 'service', 'function']

function filterRisk({ keys, from, to }: Difference): Risk {
  const last = keys.at(-1) ?? ''
  if (last === ORDER) return 'changed'
  if (keys.length <= 2) {
    const decides = keys.length === 1 || DECIDING.includes(partOf(from ?? to, 'type')?.shown)
    return decides ? (isOn(to) ? 'auth-strengthened' : 'auth-weakened') : 'changed'
  }
  if (last === 'failMode') return to?.shown === 'open' ? 'auth-weakened' : 'auth-strengthened'
  if (last === 'mode') return to?.shown === 'observe' ? 'auth-weakened' : 'auth-strengthened'
  if (last === 'target' || last === 'pool') return 'upstream-changed'
  return last === 'timeout' ? 'timeout-changed' : 'changed'
}

// An endpoint without TLS beside others that have it.
function endpointRisk({ from, to }: Difference, [old]: Wholes): Risk {
  const isPlain = (node: Node | undefined): boolean =>
    /^http:/i.test(String(partOf(node, 'url')?.shown ?? ''))
  const had = old?.kind === 'branch' ? [...old.entries.values()] : []
  const wasSecure = had.length > 0 && !had.some(({ node }) => isPlain(node))
  return from === undefined && isPlain(to) && wasSecure ? 'tls-weakened' : 'upstream-changed'
}

// What kept something from clients, and is gone.
function transformRisk({ keys, from, to }: Difference): Risk {
  const kept = JSON.stringify(from?.shown ?? '')
  const isGone = !isOn(to) && /"(?:mask|remove|pick|keepOnly)"/.test(kept)
  const [, side, part] = keys
  if (isGone && (side === undefined || side === 'response')) return 'exposure-widened'
  const last = keys.at(-1) ?? ''
  return side === 'response' && part === 'headers' && (last === 'remove' || last === 'keepOnly')
    ? 'exposure-widened'
    : 'changed'
}

function isFewer([from, to]: Wholes): boolean {
  const count = (node: Node | undefined): number =>
    node?.kind === 'branch' ? JSON.stringify(node.shown).length : 0
  return count(to) < count(from)
}
