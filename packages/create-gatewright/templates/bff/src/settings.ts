import { randomBytes } from 'node:crypto'
import { Environment } from './environment.js'

/** What differs from one environment to another. */
export interface Settings {
  /** PORT: where the gateway listens. Default 8080. */
  readonly port: number
  /** PROBE_PORT: where /live and /ready are. Default 8085. */
  readonly probePort: number
  /** WEB: base URLs of what serves the pages, separated by commas. */
  readonly web: readonly string[]
  /** ACCOUNT: base URLs of the service that knows users. */
  readonly account: readonly string[]
  /** SHOP: base URLs of the service behind the pages. */
  readonly shop: readonly string[]
  /** SESSION_SECRET: what sessions are signed with, the same in all processes: 32 characters or more, of chance. */
  readonly sessionSecret: string
  /** TRUSTED_PROXIES: addresses of load balancers before the gateway, such as 10.0.0.0/8. They tell whether a request came by TLS. */
  readonly trustedProxies: readonly string[]
  /** Whether NODE_ENV is `production`. */
  readonly production: boolean
}

/** Reads the settings. Throws an error that says what is wrong. */
export function readSettings(values: Readonly<Record<string, string | undefined>>): Settings {
  const environment = new Environment(values)
  const { production } = environment
  const secret = environment.text('SESSION_SECRET') ?? ''
  if (secret.length < 32 && (production || secret !== ''))
    throw new Error('SESSION_SECRET must have 32 characters or more: openssl rand -base64 32 makes one')
  return {
    port: environment.port('PORT', 8080),
    probePort: environment.port('PROBE_PORT', 8085),
    web: environment.urls('WEB'),
    account: environment.urls('ACCOUNT'),
    shop: environment.urls('SHOP'),
    // Sessions then end with the process.
    sessionSecret: secret === '' ? randomBytes(32).toString('base64') : secret,
    trustedProxies: environment.list('TRUSTED_PROXIES'),
    production
  }
}
