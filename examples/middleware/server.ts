import { timingSafeEqual } from 'node:crypto'
import rateLimit from '@fastify/rate-limit'
import { createGateway, type RouteHooks } from '@gatewright/gateway'

const { UPSTREAM = 'http://localhost:3000', PORT = '8080', API_KEY = 'let-me-in' } = process.env

/** A Fastify hook like any other: it answers, throws, or lets the request pass. */
const requireKey: NonNullable<RouteHooks['onRequest']> = async (request, reply) => {
  const given = Buffer.from(String(request.headers['x-api-key'] ?? ''))
  const wanted = Buffer.from(API_KEY)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) {
    return reply.code(401).send({ error: 'a valid x-api-key is needed' })
  }
  // What the upstream may believe: the client's own copies of this header never get there.
  request.exchange?.forwardHeader('x-user-id', 'holder-of-the-key')
}

const gateway = createGateway({ reservedHeaders: ['x-user-id'] })
  .register(rateLimit, { max: 100, timeWindow: '1 minute' })
  .pool('app', { endpoints: [UPSTREAM] })
  .hook('onSend', async (_request, reply, payload) => {
    reply.header('x-served-by', 'gatewright')
    return payload
  })
  .policy('private', { hooks: { onRequest: requireKey }, timeout: '5s' })
  .route('/private/*', { pool: 'app', use: ['private'] })
  .route('/reports/*', {
    pool: 'app',
    use: ['private'],
    bodyLimit: '64KiB',
    hooks: {
      preHandler: async (request, reply) => {
        // The body is read here, up to the limit, and still forwarded byte for byte.
        const report = (await request.exchange?.json()) as { title?: string }
        if (!report.title) return reply.code(422).send({ error: 'a report needs a title' })
      }
    }
  })
  .route('/*', { pool: 'app' })

await gateway.listen({ port: Number(PORT) })
