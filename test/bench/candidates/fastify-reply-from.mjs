// @fastify/reply-from as its documentation shows it: one base, `reply.from(url)`. Fastify's logger is off.
import { port, upstreams } from './environment.mjs'
import { peer } from './peer.mjs'

const { default: Fastify } = await import(peer('fastify'))
const { default: replyFrom } = await import(peer('@fastify/reply-from'))

const app = Fastify()
app.register(replyFrom, { base: upstreams[0] })
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
app.all('/*', (request, reply) => reply.from(request.url))
await app.listen({ port, host: '127.0.0.1' })
