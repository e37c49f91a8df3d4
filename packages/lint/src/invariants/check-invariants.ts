import { didYouMean, durationMs, InvalidValueError, sizeBytes } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import type { Position } from '../findings/finding.js'
import { ConfigView } from '../view/config-view.js'
import type { RouteView } from '../view/route-view.js'
import type { Invariant, Violation } from './invariant.js'
import { REQUIREMENTS } from './requirements.js'
import { routesIn } from './scope.js'

/** What invariants are checked with. */
export interface InvariantOptions {
  /** Where a value stands in a file: `locate` of a configuration that `@gatewright/config` has loaded. */
  readonly locate?: (path: string) => Position | undefined
}

/**
 * The routes for which an invariant does not hold, each with why. An invariant that no route is meant by is a violation too,
 * unless it has `allowNone`. The configuration has passed the check of a gateway.
 *
 * Default: those of `lint.invariants` in the configuration. Throws GW_VALUE_INVALID for an invariant that is malformed: it would guard nothing.
 *
 * @example
 * checkInvariants(config, [{ name: 'admin by certificate', where: { path: '/admin/*' }, require: { auth: 'mtls' } }])
 */
export function checkInvariants(
  config: GatewayServerConfig,
  invariants: readonly Invariant[] = config.lint?.invariants ?? [],
  { locate }: InvariantOptions = {}
): Violation[] {
  for (const [index, invariant] of invariants.entries()) checkShape(invariant, `invariants[${index}]`)
  const view = new ConfigView(config)
  const own: readonly Invariant[] = config.lint?.invariants ?? []
  return invariants
    .flatMap((invariant) => [...violationsOf(invariant, view, own.indexOf(invariant))])
    .map((violation) => {
      const position = locate?.(violation.path)
      return position === undefined ? violation : { ...violation, position }
    })
}

// `index`: which one of the configuration's it is; -1 for one from elsewhere.
function* violationsOf(invariant: Invariant, view: ConfigView, index: number): Iterable<Violation> {
  const { name, where = {}, allowNone = false } = invariant
  const routes = routesIn(view, where)
  if (routes.length === 0 && !allowNone)
    yield violation(
      name,
      null,
      index === -1 ? '' : `lint.invariants[${index}]`,
      'no route is meant',
      'Correct `where`, or give `allowNone: true`.'
    )
  for (const route of routes)
    for (const because of problemsOf(invariant, route, view))
      yield violation(
        name,
        route.id,
        route.path,
        `route '${route.id}' ${because}`,
        `Give the route what '${name}' requires.`
      )
}

function* problemsOf(invariant: Invariant, route: RouteView, view: ConfigView): Iterable<string> {
  if ('check' in invariant) {
    const says = invariant.check(route)
    if (says !== true) yield String(says)
    return
  }
  for (const [key, wanted] of Object.entries(invariant.require)) {
    if (wanted === undefined) continue
    const because = (REQUIREMENTS[key as keyof typeof REQUIREMENTS] as Checker)(route, wanted, view)
    if (because !== undefined) yield because
  }
}

type Checker = (route: RouteView, wanted: unknown, view: ConfigView) => string | undefined

function violation(
  invariant: string,
  route: string | null,
  path: string,
  message: string,
  fix: string
): Violation {
  return {
    id: 'invariant',
    severity: 'error',
    path,
    message: `${invariant}: ${message}`,
    fix,
    invariant,
    route
  }
}

const SCOPE = ['path', 'host', 'method', 'route', 'pool', 'action']

function checkShape(invariant: Invariant, at: string): void {
  if (typeof invariant?.name !== 'string' || invariant.name === '')
    throw new InvalidValueError(`${at}.name`, 'a text')
  unknownKeys(invariant.where ?? {}, SCOPE, `${at}.where`)
  if ('check' in invariant) {
    if (typeof invariant.check !== 'function') throw new InvalidValueError(`${at}.check`, 'a function')
    return
  }
  const { require } = invariant
  if (typeof require !== 'object' || require === null || Object.keys(require).length === 0)
    throw new InvalidValueError(
      `${at}.require`,
      `an object with one of ${Object.keys(REQUIREMENTS).join(', ')}`
    )
  unknownKeys(require, Object.keys(REQUIREMENTS), `${at}.require`)
  if (require.maxTimeout !== undefined && durationMs(require.maxTimeout) === undefined)
    throw new InvalidValueError(`${at}.require.maxTimeout`, "a duration such as '30s'")
  if (require.maxBody !== undefined && sizeBytes(require.maxBody) === undefined)
    throw new InvalidValueError(`${at}.require.maxBody`, "a size such as '1MiB'")
}

function unknownKeys(value: object, known: readonly string[], at: string): void {
  for (const key of Object.keys(value))
    if (!known.includes(key))
      throw new InvalidValueError(`${at}.${key}`, `left out: there is no such key${didYouMean(key, known)}`)
}
