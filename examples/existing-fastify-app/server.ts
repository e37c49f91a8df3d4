import gateway from '@gatewright/gateway'
import Fastify from 'fastify'

// The app that is there: its routes, hooks and errors stay as they are.
const app = Fastify({ logger: true })
app.addHook('onRequest', async (_request, reply) => {
  reply.header('x-app', 'shop')
})
app.get('/cart/:id', async (request) => ({ cart: (request.params as { readonly id: string }).id }))

// What it forwarded with @fastify/http-proxy: upstream, prefix and rewritePrefix.
await app.register(gateway, {
  pools: { users: { endpoints: [process.env.UPSTREAM ?? 'http://localhost:3000'] } },
  routes: [
    {
      id: 'users',
      path: '/api/users/*',
      pool: 'users',
      rewrite: { stripPrefix: '/api' },
      retry: 'idempotent'
    }
  ]
})

// A route of the app that forwards: Fastify matches it, with its own schema and hooks.
app.get('/me', {
  config: { gateway: { pool: 'users', rewrite: { set: '/users/me' } } },
  handler: app.gateway.forward
})

await app.listen({ port: Number(process.env.PORT ?? 8080) })
