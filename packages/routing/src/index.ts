// Placeholder until the real route table lands; replace this file.
import { GatewayError, MOUNTED, type RouterFactory } from '@gatewright/core'
import type { FastifyPluginAsync } from 'fastify'
import fp from 'fastify-plugin'

const naive: RouterFactory = (routes) => ({
  find(request) {
    for (const route of routes) {
      const { path } = route.match as NonNullable<typeof route.match>
      if (path.kind === 'prefix' ? request.path.startsWith(path.value) : request.path === path.value) return { route, params: null }
    }
    return null
  },
  allowed: () => [],
  explain: () => []
})

export const routing: FastifyPluginAsync<{ prefix?: string }> = fp(
  async (app, { prefix = '' }: { prefix?: string }) => {
    app.gateway.router = naive
    app.all(
      `${prefix}/*`,
      {
        config: { gateway: MOUNTED },
        exposeHeadRoute: false,
        onRequest(request, _reply, done) {
          const { exchange } = request
          const found = exchange?.snapshot.table?.find(exchange)
          if (exchange && found) {
            exchange.route = found.route
            exchange.pool = found.route.pool
          }
          done()
        }
      },
      function answer(request, reply) {
        const route = request.exchange?.route
        if (!route) throw new GatewayError('route_not_found')
        if (route.action.kind === 'handler') return route.action.handler.call(app, request, reply)
        return app.gateway.forward.call(app, request, reply)
      }
    )
  },
  { name: '@gatewright/routing' }
)
