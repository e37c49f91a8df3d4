import type { ServerOptions } from '@gatewright/core'
import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify'
import { LogController } from './fastify.js'

/** Lines as the access log's: a level by its name, and a `timestamp` (RFC 3339, UTC). */
const FORM = {
  timestamp: (): string => `,"timestamp":"${new Date().toISOString()}"`,
  formatters: { level: (level: string): object => ({ level }) }
}

/** Fastify's logging options. Requests are the access log's business, so Fastify itself logs none. */
export function loggerOptions({ logger = true }: ServerOptions): FastifyServerOptions {
  const logController = new LogController({ disableRequestLogging: true })
  if (typeof logger === 'object' && 'child' in logger)
    return { loggerInstance: logger as FastifyBaseLogger, logController }
  return { logger: formed(logger) as NonNullable<FastifyServerOptions['logger']>, logController }
}

// A transport has a form of its own, and pino allows no other beside several of them.
function formed(logger: boolean | object): boolean | object {
  if (logger === false || (typeof logger === 'object' && 'transport' in logger)) return logger
  return { ...FORM, ...(logger === true ? {} : logger) }
}
