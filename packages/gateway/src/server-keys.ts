import { type ChangePart, defineKey, type Key, schemaProblems, type Validator } from '@gatewright/core'
import type { GatewayServerConfig, ServerOptions } from './config/config.js'
import { listen, logger, probes, server, shutdown } from './config/validate.js'
import { checkLogger } from './logger.js'

const PLUGIN = '@gatewright/gateway'

function serverKey<K extends keyof ServerOptions>(
  name: K,
  validate: Validator,
  reload: Key['reload'] = 'restart',
  check: Key<ServerOptions[K]>['check'] = undefined
): Key<ServerOptions[K]> {
  const key = { name, on: ['gateway'], plugin: PLUGIN, reload, validate } as const
  return defineKey(check === undefined ? key : { ...key, check })
}

/** What only a gateway with a server of its own has: `listen`, `server`, `shutdown`, `probes` and `logger`. */
export const serverKeys: readonly Key[] = [
  serverKey('listen', listen),
  serverKey('server', server, 'live'),
  serverKey('shutdown', shutdown, 'live'),
  serverKey('probes', probes),
  serverKey('logger', logger, 'restart', checkLogger)
]

/** Whether the process stops on signals is read at the start alone; how long it takes to, when it does. */
export const shutdownPart: ChangePart = {
  name: 'shutdown',
  readOnce: (config) => ({ 'shutdown.signals': (config as ServerOptions).shutdown?.signals ?? true }),
  prepare: () => undefined
}

/** The server's own part of a configuration, without values of the wrong shape, which are reported when the app becomes ready. */
export function usableOptions(config: GatewayServerConfig): GatewayServerConfig {
  const { requestIdHeader, reasonHeader } = config
  const usable: Record<string, unknown> = { reasonHeader: reasonHeader === true }
  if (typeof requestIdHeader === 'string') usable.requestIdHeader = requestIdHeader
  for (const { name, validate } of serverKeys) {
    const value = (config as Readonly<Record<string, unknown>>)[name]
    if (value !== undefined && schemaProblems(validate, value).length === 0) usable[name] = value
  }
  return usable
}
