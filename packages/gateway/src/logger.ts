import { openSync } from 'node:fs'
import { show } from '@gatewright/core'
import type { FastifyBaseLogger, FastifyServerOptions } from 'fastify'
import type { ServerOptions } from './config/config.js'
import { LogController } from './fastify.js'
import { LogOutput } from './log-output.js'
import { createRequestLoggers } from './request-logger.js'

/** Lines as the access log's: a level by its name, and a `timestamp` (RFC 3339, UTC). */
const FORM = {
  timestamp: (): string => `,"timestamp":"${new Date().toISOString()}"`,
  formatters: { level: (level: string): object => ({ level }) }
}

const STDOUT = 1

/** Fastify's logging options. Requests are the access log's business, so Fastify itself logs none. */
export function loggerOptions({ logger: given = true }: ServerOptions): FastifyServerOptions {
  // Any other value is reported with all other problems.
  const logger = isLogger(given) ? given : true
  const logController = new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' })
  const childLoggerFactory = createRequestLoggers()
  if (typeof logger === 'object' && 'child' in logger)
    return { loggerInstance: logger as FastifyBaseLogger, logController, childLoggerFactory }
  if (logger === false) return { logger, logController }
  return {
    logger: formed(logger) as NonNullable<FastifyServerOptions['logger']>,
    logController,
    childLoggerFactory
  }
}

/** Yields the problem of a `logger` that Fastify could not take. */
export function* checkLogger(logger: ServerOptions['logger'], at: string): Iterable<string> {
  if (logger !== undefined && !isLogger(logger))
    yield `${at}: ${show(logger)} must be true, false, or an object of pino's options or with its methods`
}

function isLogger(logger: unknown): logger is boolean | object {
  return (
    typeof logger === 'boolean' || (typeof logger === 'object' && logger !== null && !Array.isArray(logger))
  )
}

// A transport has a form of its own, and pino allows no other beside several of them.
function formed(logger: boolean | object): boolean | object {
  if (logger === false || (typeof logger === 'object' && 'transport' in logger)) return logger
  const { file, ...given }: { file?: unknown; stream?: unknown } = logger === true ? {} : (logger as object)
  const stream = given.stream ?? new LogOutput(typeof file === 'string' ? openSync(file, 'a') : STDOUT)
  return { ...FORM, ...given, stream }
}
