import type { PolicyConfig } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import type { ConfigView } from './config-view.js'
import type { OptionKey } from './route-view.js'

/** Every value of a key that the top and routes have, with its place; that of a policy once for each of its routes. */
export function* givenIn<K extends OptionKey & keyof GatewayServerConfig>(
  { config, routes }: ConfigView,
  key: K
): Iterable<{ readonly path: string; readonly value: NonNullable<PolicyConfig[K]> }> {
  // The keys that stand in both places have one type.
  const top = config[key] as PolicyConfig[K]
  if (top !== undefined && top !== null) yield { path: key, value: top }
  for (const route of routes) {
    const given = route.given(key)
    if (given !== undefined && given.from !== 'gateway') yield given
  }
}
