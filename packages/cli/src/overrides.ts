import { didYouMean } from '@gatewright/core'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { type Input, UsageError } from './command.js'
import { type ListenAddress, readAddress } from './listen-address.js'
import { HOST, LOG_LEVEL, PORT } from './shared-options.js'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

/** What variables of the environment would ask for that is none of the command's, and what to do instead. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  PROXY_ADMIN_ADDRESS: 'there is no admin listener; metrics and probes have PROXY_METRICS_ADDRESS',
  PROXY_TRACE_ENDPOINT:
    'traces leave by an OpenTelemetry SDK: set OTEL_EXPORTER_OTLP_ENDPOINT, and load the SDK with NODE_OPTIONS=--import',
  PROXY_TLS_CERT: 'the gateway listens without TLS: end TLS in front of it',
  PROXY_TLS_KEY: 'the gateway listens without TLS: end TLS in front of it'
}

/** What the command line and the environment say in place of the configuration. */
export interface Overrides {
  readonly port: number | undefined
  readonly host: string | undefined
  readonly level: string | undefined
  /** Where metrics and probes are answered. */
  readonly metrics: ListenAddress | undefined
}

/** Reads them; flags go before the environment. Throws a {@link UsageError}. */
export function readOverrides(input: Input): Overrides {
  const { env } = input.terminal
  for (const [name, instead] of Object.entries(ELSEWHERE))
    if ((env[name] ?? '') !== '') throw new UsageError(`${name} is set: ${instead}`)
  const level = input.text(LOG_LEVEL.name) ?? (env.PROXY_LOG_LEVEL || undefined)
  if (level !== undefined && !LEVELS.includes(level))
    throw new UsageError(
      `'${level}' is no level of the log${didYouMean(level, LEVELS)}: ${LEVELS.join(', ')}`
    )
  return {
    port: input.integer(PORT.name, 0, 65_535),
    host: input.text(HOST.name),
    level,
    metrics: metricsAddress(env.PROXY_METRICS_ADDRESS ?? '')
  }
}

function metricsAddress(text: string): ListenAddress | undefined {
  if (text === '') return undefined
  const address = readAddress(text)
  if (address !== null) return address
  throw new UsageError(
    `PROXY_METRICS_ADDRESS: '${text}' must be [ADDRESS]:PORT, such as :8085 or 127.0.0.1:8085`
  )
}

/** The configuration with them. Values of a wrong shape stay, to be reported with all others. */
export function overridden(config: GatewayServerConfig, overrides: Overrides): GatewayServerConfig {
  const { port, host, level, metrics } = overrides
  const { listen, logger } = config
  return {
    ...config,
    ...(port === undefined && host === undefined ? {} : { listen: { ...listen, ...given({ port, host }) } }),
    ...(level === undefined || logger === false
      ? {}
      : { logger: { ...(typeof logger === 'object' ? logger : {}), level } }),
    ...(metrics === undefined ? {} : withMetrics(config, metrics))
  }
}

// Metrics are on where somebody says their address.
function withMetrics(
  { metrics, probes }: GatewayServerConfig,
  address: ListenAddress
): Pick<GatewayServerConfig, 'metrics' | 'probes'> {
  return {
    metrics: typeof metrics === 'object' ? metrics : true,
    probes: { ...(typeof probes === 'object' ? probes : {}), ...given(address) }
  }
}

function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}
