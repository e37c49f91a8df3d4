import type { ServerOptions } from '@gatewright/core'
import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify'
import { LogController } from './fastify.js'

/** Fastify's logging options. Requests are the access log's business, so Fastify itself logs none. */
export function loggerOptions({ logger = true }: ServerOptions): FastifyServerOptions {
  const logController = new LogController({ disableRequestLogging: true })
  if (typeof logger === 'object' && 'child' in logger)
    return { loggerInstance: logger as FastifyBaseLogger, logController }
  return { logger: logger as NonNullable<FastifyServerOptions['logger']>, logController }
}
