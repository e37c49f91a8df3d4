import { didYouMean } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { type Input, UsageError } from './command.js'
import { HOST, LOG_LEVEL, PORT } from './shared-options.js'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** What the command line says in place of the configuration. */
export interface Overrides {
  readonly port: number | undefined
  readonly host: string | undefined
  readonly level: string | undefined
}

/** Reads them. Throws a {@link UsageError}. */
export function readOverrides(input: Input): Overrides {
  const level = input.text(LOG_LEVEL.name) ?? (input.terminal.env.PROXY_LOG_LEVEL || undefined)
  if (level !== undefined && !LEVELS.includes(level))
    throw new UsageError(
      `'${level}' is no level of the log${didYouMean(level, LEVELS)}: ${LEVELS.join(', ')}`
    )
  return { port: input.integer(PORT.name, 0, 65_535), host: input.text(HOST.name), level }
}

/** The configuration with them. Values of a wrong shape stay, to be reported with all others. */
export function overridden(
  config: GatewayServerConfig,
  { port, host, level }: Overrides
): GatewayServerConfig {
  const { listen, logger } = config
  return {
    ...config,
    ...(port === undefined && host === undefined
      ? {}
      : {
          listen: {
            ...listen,
            ...(port === undefined ? {} : { port }),
            ...(host === undefined ? {} : { host })
          }
        }),
    ...(level === undefined || logger === false
      ? {}
      : { logger: { ...(typeof logger === 'object' ? logger : {}), level } })
  }
}
