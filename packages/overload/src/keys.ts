import { defineKey, type Key, type Route } from '@gatewright/core'
import { checkLimit, checkProcess } from './check.js'
import type { ConcurrencyConfig, Importance, OverloadConfig } from './config/config.js'
import * as validators from './config/validate.js'
import { type LimitSettings, type ProcessSettings, resolveLimit, resolveProcess } from './settings.js'

const common = { plugin: '@gatewright/overload', reload: 'live' } as const

/** `overload` of the whole configuration. */
export const overloadKey: Key<OverloadConfig, ProcessSettings | null> = defineKey({
  ...common,
  name: 'overload',
  on: ['gateway'],
  validate: validators.overload,
  resolve: resolveProcess,
  check: checkProcess
})

/** `concurrency` of pools, policies and routes. */
export const concurrencyKey: Key<ConcurrencyConfig, LimitSettings | null> = defineKey({
  ...common,
  name: 'concurrency',
  on: ['pool', 'policy', 'route'],
  validate: validators.concurrency,
  resolve: resolveLimit,
  check: checkLimit
})

/** `importance` of policies and routes. */
export const importanceKey: Key<Importance, Importance> = defineKey({
  ...common,
  name: 'importance',
  on: ['policy', 'route'],
  validate: validators.importance,
  resolve: (importance = 'default') => importance
})

/** The limit of a route itself; `null` if it has none or inherits the pool's, which applies in any case. */
export function ownLimit(route: Route): LimitSettings | null {
  return route.origin(concurrencyKey.name) === 'pool' ? null : route.setting(concurrencyKey)
}
