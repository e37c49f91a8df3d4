import { Environment } from './environment.js'

/** What differs from one environment to another. */
export interface Settings {
  /** PORT: where the gateway listens. Default 8080. */
  readonly port: number
  /** PROBE_PORT: where /live, /ready and /metrics are. Default 8085. */
  readonly probePort: number
  /** ORDERS: base URLs of the service, separated by commas. */
  readonly orders: readonly string[]
  /** CATALOG: base URLs of the service, separated by commas. */
  readonly catalog: readonly string[]
  /** KEYS_FILE: the hashes of API keys. Default keys.json. */
  readonly keysFile: string
  /** TOKEN_ISSUER and TOKEN_AUDIENCE: takes JSON Web Tokens of an OpenID Connect provider too. */
  readonly tokens: { readonly issuer: string; readonly audience: string } | null
  /** CORS_ORIGINS: pages that may call, such as https://shop.example. */
  readonly corsOrigins: readonly string[]
  /** TRUSTED_PROXIES: addresses of load balancers before the gateway, such as 10.0.0.0/8. Without it they are the clients. */
  readonly trustedProxies: readonly string[]
  /** Whether NODE_ENV is `production`. */
  readonly production: boolean
}

/** Reads the settings. Throws an error that says what is wrong. */
export function readSettings(values: Readonly<Record<string, string | undefined>>): Settings {
  const environment = new Environment(values)
  const issuer = environment.text('TOKEN_ISSUER')
  const audience = environment.text('TOKEN_AUDIENCE')
  if ((issuer === null) !== (audience === null))
    throw new Error('TOKEN_ISSUER and TOKEN_AUDIENCE go together: set both or none')
  return {
    port: environment.port('PORT', 8080),
    probePort: environment.port('PROBE_PORT', 8085),
    orders: environment.urls('ORDERS'),
    catalog: environment.urls('CATALOG'),
    keysFile: environment.text('KEYS_FILE') ?? 'keys.json',
    tokens: issuer === null || audience === null ? null : { issuer, audience },
    corsOrigins: environment.list('CORS_ORIGINS'),
    trustedProxies: environment.list('TRUSTED_PROXIES'),
    production: environment.production
  }
}
