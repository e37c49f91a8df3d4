import { fileURLToPath } from 'node:url'
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import etag from '@fastify/etag'
import formbody from '@fastify/formbody'
import helmet from '@fastify/helmet'
import jwt from '@fastify/jwt'
import multipart from '@fastify/multipart'
import rateLimit from '@fastify/rate-limit'
import session from '@fastify/session'
import serveStatic from '@fastify/static'
import swagger from '@fastify/swagger'
import underPressure from '@fastify/under-pressure'
import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'

/** The directory of which the root is served: that of this file, compiled. */
export const STATIC_ROOT = fileURLToPath(new URL('.', import.meta.url))

/** Registers the plugins that Fastify apps have most often, all in one scope, `@fastify/static` at its root. */
export async function registerFamily(app: FastifyInstance): Promise<void> {
  await app.register(cors, { origin: 'https://page.example' })
  await app.register(helmet)
  await app.register(cookie)
  await app.register(session, { secret: 'a secret of at least 32 characters', cookie: { secure: false } })
  await app.register(jwt, { secret: 'secret' })
  await app.register(rateLimit, { max: 1_000 })
  await app.register(compress, { threshold: 0, encodings: ['gzip'] })
  await app.register(etag)
  await app.register(multipart)
  await app.register(formbody)
  await app.register(serveStatic, { root: STATIC_ROOT })
  await app.register(websocket)
  await app.register(swagger, { openapi: {} })
  await app.register(underPressure, { exposeStatusRoute: '/status', sampleInterval: 60_000 })
}
