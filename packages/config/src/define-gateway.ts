import { type DefinedConfig, defineConfig } from '@gatewright/gateway'

/**
 * A configuration in a module, unchanged, that the compiler checks where it stands. `gateway.ts` has it as its default
 * export.
 *
 * @example
 * export default defineGateway({
 *   pools: { users: { endpoints: ['http://localhost:3001'] } },
 *   routes: [{ path: '/users/*', pool: 'users' }]
 * })
 */
export function defineGateway<const P extends string = never, const U extends string = never>(
  config: DefinedConfig<P, U>
): DefinedConfig<P, U> {
  return defineConfig(config)
}
