import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { addGateway, type GatewayOptions } from './gateway.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Users by session: stands for what your app has, such as @fastify/session. */
    readonly sessions: Map<string, string>
  }
}

/** What an app is built from. */
export interface AppOptions extends GatewayOptions {
  readonly sessions?: Iterable<readonly [id: string, user: string]>
}

/** The app: its own routes, and those of the gateway beside them. */
export async function buildApp(
  options: AppOptions,
  server: FastifyServerOptions = {}
): Promise<FastifyInstance> {
  const app = fastify(server)
  app.decorate('sessions', new Map([...(options.sessions ?? [])]))
  await addGateway(app, options)

  // The app's own: parsers, hooks and schemas as ever. Where both have a route, the app's is taken.
  app.get('/hello', async () => ({ hello: 'from the app itself' }))
  app.get('/ready', async () => ({ ready: true }))

  // One of the app's routes that forwards: Fastify matches it, its hooks run, and the gateway does the rest.
  app.get(
    '/me/:section',
    {
      config: {
        gateway: { pool: 'users', use: ['resilient'], rateLimit: { limit: 10, window: '1s' } }
      },
      onRequest: async (request, reply) => {
        const [, id = ''] = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '') ?? []
        const user = app.sessions.get(id)
        if (user === undefined) return reply.code(401).send({ error: 'no session' })
        // What the service may believe: a copy that the client sends is dropped.
        request.exchange?.forwardHeader('x-user', user)
      }
    },
    app.gateway.forward
  )

  return app
}
