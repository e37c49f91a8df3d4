import { createRequire } from 'node:module'
import type { AccessLogConfig, ExchangeObserver, LogSink } from '@gatewright/core'
import type { DestinationStream } from 'pino'
import { lineOf } from './line.js'
import { prettyLine } from './pretty.js'

/** The observer that writes the log, or `null` when there is none. Loads pino only when it is used. */
export function createAccessLog(config: AccessLogConfig): ExchangeObserver | null {
  if (config === false) return null
  const { format = 'json', destination: given } = config === true ? {} : config
  const destination = (given ?? process.stdout) as LogSink
  if (format === 'pretty') {
    const colour = (destination as { isTTY?: boolean }).isTTY === true
    return { closed: (exchange) => void destination.write(prettyLine(lineOf(exchange), colour)) }
  }
  const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino')
  const log = pino(
    {
      base: null,
      timestamp: () => `,"timestamp":"${new Date().toISOString()}"`,
      formatters: { level: (level) => ({ level }) }
    },
    destination as DestinationStream
  )
  return { closed: (exchange) => log.info(lineOf(exchange)) }
}
