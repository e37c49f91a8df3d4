// @fastify/http-proxy as its documentation shows it: one upstream, its own defaults. Fastify's logger is off.
import { port, upstreams } from './environment.mjs'
import { peer } from './peer.mjs'

const { default: Fastify } = await import(peer('fastify'))
const { default: httpProxy } = await import(peer('@fastify/http-proxy'))

const app = Fastify()
app.register(httpProxy, { upstream: upstreams[0] })
await app.listen({ port, host: '127.0.0.1' })
