/** What differs from one environment to another: everything that is read from environment variables. */
export interface Settings {
  /** PORT: where the gateway listens. Default 8080. */
  readonly port: number
  /** PROBE_PORT: where /live and /ready are. Default 8085. */
  readonly probePort: number
  /** UPSTREAMS: base URLs of the service, separated by commas. Empty: demonstration upstreams are started. */
  readonly upstreams: readonly string[]
  /** NODE_ENV is `production`. */
  readonly production: boolean
}

/** Reads the settings. Throws an error that says what is wrong. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const production = env.NODE_ENV === 'production'
  const upstreams = (env.UPSTREAMS ?? '')
    .split(',')
    .map((url) => url.trim())
    .filter((url) => url !== '')
  if (production && upstreams.length === 0)
    throw new Error('UPSTREAMS is not set: give it the base URLs of the service, separated by commas')
  return {
    port: portOf(env, 'PORT', 8080),
    probePort: portOf(env, 'PROBE_PORT', 8085),
    upstreams,
    production
  }
}

function portOf(env: Readonly<Record<string, string | undefined>>, name: string, otherwise: number): number {
  const text = env[name] ?? ''
  if (text === '') return otherwise
  const port = Number(text)
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`${name} is '${text}': it must be a number from 0 to 65535`)
  return port
}
