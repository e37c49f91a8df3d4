import { type BalancingPolicy, createGateway } from '@gatewright/gateway'

const list = (name: string, otherwise: string): string[] => (process.env[name] ?? otherwise).split(',')
const users = list('USERS', 'http://localhost:3001,http://localhost:3002')
const [steady = '', trial = ''] = list('SHOP', 'http://localhost:3003,http://localhost:3004')
const { PORT = '8080' } = process.env

/** A balancing policy of one's own: one method. This one keeps each tenant on its own endpoint. */
const byTenant: BalancingPolicy = {
  name: 'by-tenant',
  pick(candidates, exchange) {
    const tenant = String(exchange.headers['x-tenant'] ?? '')
    const sum = [...tenant].reduce((total, char) => total + char.charCodeAt(0), 0)
    return candidates[sum % candidates.length] ?? candidates[0]
  }
}

const gateway = createGateway({
  via: 'edge',
  forwarded: 'both',
  paths: { policy: 'redirect' },
  pools: {
    users: { endpoints: users, balancing: byTenant, timeouts: { firstByte: '2s' } },
    shop: {
      endpoints: [
        { url: steady, weight: 9 },
        { url: trial, weight: 1 }
      ],
      balancing: 'weighted-round-robin',
      connections: { max: 200, queueTimeout: '500ms' }
    }
  },
  policies: { api: { timeout: '3s', bodyLimit: '1MiB' } },
  routes: [
    { id: 'users', path: '/users/*', pool: 'users', use: ['api'] },
    {
      id: 'shop',
      host: ['shop.example.com', '*.shop.example.com'],
      path: '/*',
      pool: 'shop',
      preserveHost: true
    },
    {
      id: 'beta shop',
      host: 'shop.example.com',
      path: '/*',
      headers: { 'x-cohort': 'beta' },
      pool: 'shop',
      rewrite: { addPrefix: '/beta' }
    },
    { id: 'legacy', path: '/legacy/*', redirect: { path: '/users', status: 308 } },
    {
      id: 'robots',
      path: '/robots.txt',
      respond: { headers: { 'content-type': 'text/plain' }, body: 'Disallow: /' }
    }
  ]
})

gateway.route('/whoami', (request, reply) => {
  reply.send({ client: request.exchange?.ingress.client })
})

// Native Fastify routes live beside the table and may forward too.
gateway.register(async (app) => {
  const shop = () => app.gateway.pool('shop')
  app.get('/status', async () => ({
    endpoints: shop().endpoints.map(({ url, weight, inFlight }) => ({ url, weight, inFlight }))
  }))
  app.post<{ Params: { weight: string } }>('/status/trial/:weight', async ({ params }) => {
    shop().setWeight(trial, Number(params.weight))
    return { weight: Number(params.weight) }
  })
  app.get(
    '/native/*',
    { config: { gateway: { pool: 'users', rewrite: { stripPrefix: '/native' } } } },
    app.gateway.forward
  )
})

await gateway.listen({ port: Number(PORT), host: '127.0.0.1' })
