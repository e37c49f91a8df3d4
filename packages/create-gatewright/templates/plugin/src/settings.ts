import { Environment } from './environment.js'

/** What differs from one environment to another. */
export interface Settings {
  /** PORT: where the app listens. Default 8080. */
  readonly port: number
  /** USERS: base URLs of the service behind the gateway's routes, separated by commas. */
  readonly users: readonly string[]
  /** Whether NODE_ENV is `production`. */
  readonly production: boolean
}

/** Reads the settings. Throws an error that says what is wrong. */
export function readSettings(values: Readonly<Record<string, string | undefined>>): Settings {
  const environment = new Environment(values)
  return {
    port: environment.port('PORT', 8080),
    users: environment.urls('USERS'),
    production: environment.production
  }
}
