import type { GatewayServerConfig } from './config/config.js'
import type { GatewayPluginOptions } from './plugin-types.js'

/** A configuration for `createGateway` or for the plugin. `P` are its pool ids, `U` its policy ids. */
export interface DefinedConfig<P extends string = string, U extends string = string>
  extends GatewayServerConfig<P, U>,
    Pick<GatewayPluginOptions, 'prefix'> {}

/**
 * A configuration, unchanged, that the compiler checks where it stands: a route that names a pool which is not there
 * is an error at that name. For one that is kept apart from `createGateway(…)` or `app.register(gateway, …)`.
 */
export function defineConfig<const P extends string = never, const U extends string = never>(
  config: DefinedConfig<P, U>
): DefinedConfig<P, U> {
  return config
}
