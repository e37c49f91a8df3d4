import type { GatewayServerConfig } from '@gatewright/gateway'
import type { Position } from '../findings/finding.js'
import { differences } from '../meaning/differences.js'
import { nodeOf } from '../meaning/node.js'
import { top as topShape } from '../meaning/top-shapes.js'
import { ConfigView } from '../view/config-view.js'
import { type Change, type PlacedChange, RISKS } from './change.js'
import { changeOf } from './change-of.js'
import { expressionOrder } from './expression-order.js'
import { matchRoutes } from './match-routes.js'
import { policyChanges } from './policy-changes.js'
import { poolChanges } from './pool-changes.js'
import { routeChanges } from './route-changes.js'
import { takeovers } from './takeovers.js'

/** Keys that are told apart on their own. */
const APART = ['pools', 'policies', 'routes']

type Locate = (path: string) => Position | undefined

/** What changes are told with. */
export interface DiffOptions {
  /** Where values stand in files, before and after: `locate` of what `@gatewright/config` has loaded. */
  readonly locate?: { readonly before?: Locate; readonly after?: Locate }
}

/**
 * What a change of a configuration means, the riskiest first: routes with what they really get, so that a policy that has
 * changed is seen at each route it reaches. What is only written in another way or another order is no change. Both
 * configurations have passed the check of a gateway.
 *
 * @example
 * const risky = diffConfigs(running, next).filter(({ risk }) => risk === 'auth-removed')
 */
export function diffConfigs(
  before: GatewayServerConfig,
  after: GatewayServerConfig,
  { locate = {} }: DiffOptions = {}
): Change[] {
  const [from, to] = [new ConfigView(before), new ConfigView(after)]
  const pairs = matchRoutes(from.routes, to.routes)
  const changes = [
    ...pairs.flatMap((pair) => [...routeChanges(pair, from, to)]),
    ...takeovers(pairs, from, to),
    ...expressionOrder(pairs)
  ]
  const pools = new Set([...from.pools.keys(), ...to.pools.keys()])
  return [
    ...changes,
    ...[...pools].flatMap((id) => [...poolChanges(id, from, to)]),
    ...policyChanges(from, to, changes),
    ...topChanges(from, to)
  ]
    .map(({ change, at, isGone }) => {
      const position = (isGone ? locate.before : locate.after)?.(at)
      return position === undefined ? change : { ...change, position }
    })
    .sort(byRisk)
}

/** The riskiest first, then by where they are. */
function byRisk(a: Change, b: Change): number {
  return (
    RISKS.indexOf(a.risk) - RISKS.indexOf(b.risk) || a.path.localeCompare(b.path, 'en', { numeric: true })
  )
}

function* topChanges(from: ConfigView, to: ConfigView): Iterable<PlacedChange> {
  const rest = ({ config }: ConfigView): object =>
    Object.fromEntries(Object.entries(config).filter(([key]) => !APART.includes(key)))
  const wholes = [nodeOf(rest(from), topShape), nodeOf(rest(to), topShape)] as const
  for (const difference of differences(...wholes))
    yield changeOf(difference, { path: '', what: 'the gateway' }, wholes)
}
