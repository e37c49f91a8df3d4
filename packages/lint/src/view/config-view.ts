import type { PolicyConfig, PoolConfig, RouteConfig } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { PoolView } from './pool-view.js'
import { routeIds } from './route-ids.js'
import { type PolicyView, RouteView } from './route-view.js'

/** A configuration as rules, diffs and invariants look at it: routes with what they really get. */
export class ConfigView {
  readonly config: GatewayServerConfig
  readonly pools: ReadonlyMap<string, PoolView>
  readonly policies: ReadonlyMap<string, PolicyView>
  readonly routes: readonly RouteView[]

  /** The configuration has passed the check of a gateway. */
  constructor(config: GatewayServerConfig) {
    this.config = config
    this.pools = new Map(
      Object.entries<PoolConfig>(config.pools ?? {}).map(([id, pool]) => [id, new PoolView(id, pool)])
    )
    this.policies = new Map(
      Object.entries<PolicyConfig>(config.policies ?? {}).map(([id, policy]) => [
        id,
        { id, path: `policies.${id}`, config: policy }
      ])
    )
    const routes: readonly RouteConfig[] = config.routes ?? []
    const ids = routeIds(routes)
    this.routes = routes.map((route, index) => {
      const used = (route.use ?? []).flatMap((id) => this.policies.get(id) ?? [])
      return new RouteView(index, ids[index] as string, route, used, this.pools, config)
    })
  }

  /** Those routes that send requests to a pool. */
  get forwarding(): readonly RouteView[] {
    return this.routes.filter(({ action }) => action === 'forward')
  }
}
