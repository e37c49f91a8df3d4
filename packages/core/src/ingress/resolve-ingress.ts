import type { GatewayConfig } from '../config/config.js'
import type { Keys } from '../config/key-registry.js'
import { copyConfig, sameConfig } from '../config/same-config.js'
import { sizeBytes } from '../config/size.js'
import type { IngressPlan } from '../model/ingress-plan.js'
import type { IngressSettings } from '../model/ingress-settings.js'
import { createIngressReader } from './ingress.js'
import { checkCidr, createTrust } from './trust.js'

const KEYS = [
  'trustedProxies',
  'forwarded',
  'requestIdHeader',
  'deadlineHeader',
  'reservedHeaders',
  'underscores',
  'maxHeaders',
  'maxUrlSize',
  'via',
  'reasonHeader'
] as const satisfies (keyof GatewayConfig)[]

/** The ingress plan of a configuration; `previous` if it is equal, so that facts about connections are kept. */
export function resolveIngress(config: GatewayConfig, previous?: IngressPlan, keys?: Keys): IngressPlan {
  const reservedHeaders = [...(config.reservedHeaders ?? []), ...reservedBy(config, keys)]
  const read = Object.fromEntries(KEYS.map((key) => [key, config[key]]))
  const given = copyConfig({ ...read, reservedHeaders })
  if (previous !== undefined && sameConfig(previous.given, given)) return previous
  const forwarded = config.forwarded ?? 'x-forwarded'
  // A wrong entry is reported with all other problems when the configuration is compiled.
  const proxies = (config.trustedProxies ?? []).filter((entry) => checkCidr(String(entry)) === undefined)
  const settings: IngressSettings = {
    trust: createTrust(proxies),
    believes: forwarded === 'rfc7239' ? 'rfc7239' : 'x-forwarded',
    requestIdHeader: config.requestIdHeader ?? 'x-request-id',
    deadlineHeader: config.deadlineHeader ?? '',
    reservedHeaders: new Set(reservedHeaders),
    underscores: config.underscores ?? 'reject',
    maxHeaders: config.maxHeaders ?? 100,
    maxUrlBytes: sizeBytes(config.maxUrlSize ?? '8KiB') ?? 8_192
  }
  const { via = '', reasonHeader = false } = config
  return { settings, read: createIngressReader(settings), via, forwarded, reasonHeader, given }
}

// What has the wrong shape is reported when the configuration is compiled.
function* reservedBy(config: GatewayConfig, keys: Keys | undefined): Iterable<string> {
  for (const { name, validate, reservesHeaders } of keys?.at('gateway').values() ?? []) {
    const value = (config as Readonly<Record<string, unknown>>)[name]
    if (reservesHeaders !== undefined && value !== undefined && validate(value)) yield* reservesHeaders(value)
  }
}
