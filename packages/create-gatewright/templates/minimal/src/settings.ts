import { Environment } from './environment.js'

/** What differs from one environment to another. */
export interface Settings {
  /** PORT: where the gateway listens. Default 8080. */
  readonly port: number
  /** PROBE_PORT: where /live and /ready are. Default 8085. */
  readonly probePort: number
  /** UPSTREAMS: base URLs of the service, separated by commas. None: demonstration services are started. */
  readonly upstreams: readonly string[]
  /** Whether NODE_ENV is `production`. */
  readonly production: boolean
}

/** Reads the settings. Throws an error that says what is wrong. */
export function readSettings(values: Readonly<Record<string, string | undefined>>): Settings {
  const environment = new Environment(values)
  return {
    port: environment.port('PORT', 8080),
    probePort: environment.port('PROBE_PORT', 8085),
    upstreams: environment.urls('UPSTREAMS'),
    production: environment.production
  }
}
