/** A host, in lower case and without brackets, and its port. */
export interface HostAndPort {
  readonly host: string
  readonly port: number | undefined
}

/** Takes an authority such as `API.example.com:8080` or `[::1]` apart; `null` for none. It has been checked before. */
export function hostAndPort(authority: string): HostAndPort | null {
  const [, host = '', port] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? []
  if (host === '') return null
  return {
    host: host.toLowerCase().replace(/^\[|\]$/g, ''),
    port: port === undefined ? undefined : Number(port)
  }
}
