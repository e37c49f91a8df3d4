import type { GatewayConfig } from '@gatewright/core'
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawServerBase,
  RawServerDefault
} from 'fastify'

/** Options of the gateway as a plugin: its configuration, and where the route table is mounted. */
export interface GatewayPluginOptions<P extends string = string, U extends string = string>
  extends GatewayConfig<P, U> {
  /**
   * The path under which the route table is mounted; the routes' paths include it, and the prefixes of the scopes
   * around it. Default: where its routes are. What no route takes is left to the app's not-found handler.
   */
  readonly prefix?: string
}

/**
 * What no options have, so that Fastify's general forms of `register` do not take the plugin: they would take any
 * string for a pool's id. The compiler shows the name when options fit none of the forms.
 */
interface Unfit {
  readonly 'an unknown key, pool or policy, or a wrong value; defineConfig(options) shows which': true
}

/** The type of the plugin: `register` has a form of its own for it, which checks the options. */
export type GatewayPlugin = (app: FastifyInstance, options: GatewayPluginOptions & Unfit) => Promise<void>

declare module 'fastify' {
  // The names, limits and defaults of the type parameters have to be Fastify's.
  interface FastifyRegister<
    T = void,
    RawServer extends RawServerBase = RawServerDefault,
    TypeProviderDefault extends FastifyTypeProvider = FastifyTypeProvider,
    LoggerDefault extends FastifyBaseLogger = FastifyBaseLogger
  > {
    /** Registers the gateway. Its routes and policies can name only pools and policies that are there. */
    // biome-ignore lint/style/useShorthandFunctionType: it adds to Fastify's interface.
    <const P extends string = never, const U extends string = never>(
      plugin: GatewayPlugin | Promise<{ readonly default: GatewayPlugin }>,
      options?: GatewayPluginOptions<P, U> | ((app: FastifyInstance) => GatewayPluginOptions<P, U>)
    ): T
  }
}
