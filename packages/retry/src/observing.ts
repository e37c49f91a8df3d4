import { fallbackPool, observes, type Pool, type Reason, type Route } from '@gatewright/core'
import { CONDITIONS } from './condition.js'
import { hedgeKey, retryKey } from './keys.js'

/** The reasons that retries and hedges of a route in observe mode may report; `null` for actions without a reason. */
export function* observableReasons(route: Route): Iterable<Reason | null> {
  const { pool } = route
  if (pool === null) return
  if (observes(route.given(hedgeKey.name))) yield null
  const retry = route.setting(retryKey)
  if (retry === null || !retry.observe) return
  if (retry.on.has('status')) yield null
  const isTls = [pool, fallbackPool(route)].some(hasTls)
  for (const [reason, condition] of Object.entries(CONDITIONS) as [Reason, (typeof CONDITIONS)[Reason]][])
    if (condition !== undefined && retry.on.has(condition) && (isTls || reason !== 'upstream_tls_failed'))
      yield reason
}

function hasTls(pool: Pool | null): boolean {
  return pool?.endpoints.some(({ origin }) => origin.startsWith('https:')) === true
}
