import type { FastifyInstance, RouteOptions } from 'fastify'

type OnRoute = (this: FastifyInstance, route: RouteOptions) => void

/**
 * Shows routes to `onRoute` hooks that the app gets after them, so that plugins which attach themselves to routes
 * may be registered in any order. Fastify reads the hooks of a route's options when all plugins are loaded.
 */
export function showToLaterHooks(app: FastifyInstance, routes: readonly RouteOptions[]): void {
  const { addHook } = app
  app.addHook = function addHookForMounted(this: FastifyInstance, name: string, hook: unknown) {
    Reflect.apply(addHook, this, [name, hook])
    // A scope's own hooks are for its own routes.
    if (name === 'onRoute' && this === app) for (const route of routes) (hook as OnRoute).call(this, route)
    return this
  } as typeof addHook
}
