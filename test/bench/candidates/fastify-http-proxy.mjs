// @fastify/http-proxy as its documentation shows it: one upstream, its own defaults. Fastify's logger is off, unless
// VARIANT is `logged`: then it writes its two lines per request to a file.
import { join } from 'node:path'
import { port, upstreams } from './environment.mjs'
import { peer } from './peer.mjs'

const { default: Fastify } = await import(peer('fastify'))
const { default: httpProxy } = await import(peer('@fastify/http-proxy'))

const logged = process.env.VARIANT === 'logged'
const app = Fastify(logged ? { logger: { file: join(process.env.HOME, 'access.log') } } : {})
app.register(httpProxy, { upstream: upstreams[0] })
await app.listen({ port, host: '127.0.0.1' })
