import { createServer } from 'node:http'
import { createGateway } from '@gatewright/gateway'
import { demoIssuer } from './demo-issuer.js'
import { shopRules } from './shop-rules.js'

const { PORT = '8080' } = process.env

// A service that knows nothing of tokens, quotas or CORS, and tells too much.
const orders = createServer((request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(
    JSON.stringify({
      order: request.url,
      for: request.headers['x-user'],
      plan: request.headers['x-plan'],
      decidedBy: request.headers['x-decided-by'],
      card: '4111111111111111',
      margin: 0.4
    })
  )
}).listen(0, '127.0.0.1')
await new Promise((resolve) => orders.once('listening', resolve))
const { port } = orders.address() as { port: number }

const login = await demoIssuer()
const rules = await shopRules()

const gateway = createGateway({
  authentication: {
    schemes: {
      tokens: {
        type: 'jwt',
        issuer: login.issuer,
        audience: 'orders',
        keys: { static: [login.publicKey] },
        consumer: 'azp'
      }
    },
    consumers: { acme: { metadata: { plan: 'gold' } }, bolt: { metadata: { plan: 'free' } } },
    headers: { 'x-user': 'subject', 'x-plan': 'metadata.plan' }
  },
  auth: { default: 'deny' },
  rateLimit: { name: 'flood', requestsPerSecond: 50, burst: 100 },
  policies: {
    api: {
      auth: 'tokens',
      rateLimit: { name: 'quota', limit: 5, window: '1m', algorithm: 'sliding-window', key: 'consumer' },
      cors: { origins: ['https://shop.example'], credentials: true, exposedHeaders: ['RateLimit'] },
      securityHeaders: true
    }
  }
})
  .pool('orders', [`http://127.0.0.1:${port}`])
  .route('/orders/*', {
    pool: 'orders',
    use: ['api'],
    authorize: { scopes: ['orders:read'] },
    filters: [{ type: 'ext_authz', name: 'shop-rules', target: rules.url, timeout: '1s' }],
    transform: { response: { json: [{ mask: ['/card'], keepLast: 4 }, { remove: ['/margin'] }] } }
  })
  .route('/health', { respond: { status: 204 }, auth: false })

gateway.app.addHook('onClose', async () => {
  await rules.close()
  orders.close()
})
const url = await gateway.listen({ port: Number(PORT), host: '127.0.0.1' })

const acme = await login.token('ada', 'acme', 'orders:read')
const stranger = await login.token('eve', 'bolt', 'other')
process.stdout.write(`
TOKEN=${acme}
STRANGER=${stranger}

curl -i ${url}/orders/7                                          # 401
curl -i -H "Authorization: Bearer $STRANGER" ${url}/orders/7     # 403
curl -i -H "Authorization: Bearer $TOKEN" ${url}/orders/7        # 200, the sixth within a minute 429
curl -i -X DELETE -H "Authorization: Bearer $TOKEN" ${url}/orders/7  # 403, says the service of rules
curl -i -X OPTIONS -H "Origin: https://shop.example" -H "Access-Control-Request-Method: GET" ${url}/orders/7
`)
