import type { Exchange, RouteHandler } from '@gatewright/gateway'
import { call } from './call.js'
import type { Sessions } from './sessions.js'

/** The routes that the gateway answers itself. */
export interface Handlers {
  readonly login: RouteHandler
  readonly logout: RouteHandler
  readonly home: RouteHandler
}

/** Makes the handlers. */
export function createHandlers(sessions: Sessions): Handlers {
  return {
    /** Takes `{ "user", "password" }`, and has the account service check them. */
    async login(request, reply) {
      const exchange = request.exchange as Exchange
      const body = await exchange.json()
      const { status, json } = await call(request.server, exchange, { pool: 'account', path: '/login', body })
      const { user } = (json ?? {}) as { user?: unknown }
      if (status !== 200 || typeof user !== 'string')
        return reply.code(401).send({ error: 'wrong user or password' })
      return reply.header('set-cookie', await sessions.begin(user)).send({ user })
    },

    async logout(_request, reply) {
      return reply.header('set-cookie', sessions.end()).code(204).send()
    },

    /** One answer out of two services, asked at the same time. A page can do without what is null. */
    async home(request, reply) {
      const exchange = request.exchange as Exchange
      const headers = { 'x-user': exchange.identity?.subject ?? '' }
      const [account, shop] = await Promise.allSettled([
        call(request.server, exchange, { pool: 'account', path: '/profile', headers }),
        call(request.server, exchange, { pool: 'shop', path: '/orders', headers })
      ])
      const part = (asked: typeof account): unknown =>
        asked.status === 'fulfilled' && asked.value.status === 200 ? asked.value.json : null
      return reply.header('cache-control', 'no-store').send({ account: part(account), orders: part(shop) })
    }
  }
}
