import type { GatewayServerConfig } from '@gatewright/gateway'
import { differences } from '../meaning/differences.js'
import { nodeOf } from '../meaning/node.js'
import { policy as policyShape } from '../meaning/option-shapes.js'
import { pool as poolShape } from '../meaning/pool-shapes.js'
import { top as topShape } from '../meaning/top-shapes.js'
import { ConfigView } from '../view/config-view.js'
import { type Change, RISKS } from './change.js'
import { changeOf } from './change-of.js'
import { expressionOrder } from './expression-order.js'
import { matchRoutes } from './match-routes.js'
import { routeChanges } from './route-changes.js'
import { takeovers } from './takeovers.js'

/** Keys that are told apart on their own. */
const APART = ['pools', 'policies', 'routes']

/**
 * What a change of a configuration means, the riskiest first: routes with what they really get, so that a policy that has
 * changed is seen at each route it reaches. What is only written in another way or another order is no change. Both
 * configurations have passed the check of a gateway.
 *
 * @example
 * const risky = diffConfigs(running, next).filter(({ risk }) => risk === 'auth-removed')
 */
export function diffConfigs(before: GatewayServerConfig, after: GatewayServerConfig): Change[] {
  const [from, to] = [new ConfigView(before), new ConfigView(after)]
  const pairs = matchRoutes(from.routes, to.routes)
  const changes = [
    ...pairs.flatMap((pair) => [...routeChanges(pair, from, to)]),
    ...takeovers(pairs, from, to),
    ...expressionOrder(pairs)
  ]
  return [
    ...changes,
    ...poolChanges(from, to),
    ...policyChanges(from, to, changes),
    ...topChanges(from, to)
  ].sort(
    (a, b) =>
      RISKS.indexOf(a.risk) - RISKS.indexOf(b.risk) || a.path.localeCompare(b.path, 'en', { numeric: true })
  )
}

function* poolChanges(from: ConfigView, to: ConfigView): Iterable<Change> {
  for (const id of new Set([...from.pools.keys(), ...to.pools.keys()])) {
    const [old, next] = [from.pools.get(id)?.config, to.pools.get(id)?.config]
    const whole = { path: `pools.${id}`, what: `pool '${id}'` }
    const wholes = [nodeOf(old, poolShape), nodeOf(next, poolShape)] as const
    for (const difference of differences(...wholes)) yield changeOf(difference, whole, wholes)
  }
}

// What of a policy reaches a route is seen there.
function* policyChanges(from: ConfigView, to: ConfigView, seen: readonly Change[]): Iterable<Change> {
  for (const id of new Set([...from.policies.keys(), ...to.policies.keys()])) {
    const path = `policies.${id}`
    const [old, next] = [from.policies.get(id)?.config, to.policies.get(id)?.config]
    const shown = new Set(seen.filter(({ via }) => via?.startsWith(`${path}.`)).map(({ via }) => via))
    const wholes = [nodeOf(spread(old), policyShape), nodeOf(spread(next), policyShape)] as const
    for (const difference of differences(...wholes)) {
      const [key = '', name = ''] = difference.keys
      const via = key === 'timeouts' ? `${path}.timeouts.${name}` : `${path}.${key}`
      if (key === '' ? shown.size === 0 : !shown.has(via))
        yield {
          ...changeOf(difference, { path, what: `policy '${id}', which reaches no route here` }, wholes),
          ...(key === '' ? {} : { risk: 'changed' as const })
        }
    }
  }
}

function* topChanges(from: ConfigView, to: ConfigView): Iterable<Change> {
  const rest = ({ config }: ConfigView): object =>
    Object.fromEntries(Object.entries(config).filter(([key]) => !APART.includes(key)))
  const wholes = [nodeOf(rest(from), topShape), nodeOf(rest(to), topShape)] as const
  for (const difference of differences(...wholes))
    yield changeOf(difference, { path: '', what: 'the gateway' }, wholes)
}

/** Options with `timeout` in its long form. */
function spread(config: object | undefined): object | undefined {
  if (config === undefined) return undefined
  const { timeout, timeouts, ...others } = config as { timeout?: string; timeouts?: object }
  return timeout === undefined ? config : { ...others, timeouts: { ...timeouts, total: timeout } }
}
