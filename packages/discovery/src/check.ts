import { isIP } from 'node:net'
import { checkAuthority, durationMs, type GatewayConfig } from '@gatewright/core'

/** Yields the problems of `discovery` that the schema cannot see. */
export function* checkDiscovery({ pools = {} }: GatewayConfig): Iterable<string> {
  for (const [id, { discovery }] of Object.entries(pools)) {
    if (discovery === undefined) continue
    const at = `pools.${id}.discovery`
    if ('source' in discovery) {
      if (typeof discovery.source !== 'function') yield `${at}.source: must be a function`
    } else if ('dns' in discovery) {
      const { dns, type = 'A', port, authority, server, minRefresh = '5s', maxRefresh = '5m' } = discovery
      if (type === 'SRV' && port !== undefined) yield `${at}.port: SRV records bring their own ports`
      if (type !== 'SRV' && port === undefined) yield `${at}: 'port' is missing`
      if (authority !== undefined) yield* checkAuthority(authority, `${at}.authority`)
      else if (type !== 'SRV') yield* checkAuthority(dns, `${at}.dns`)
      if ((durationMs(minRefresh) as number) > (durationMs(maxRefresh) as number))
        yield `${at}.minRefresh: '${minRefresh}' must not be longer than maxRefresh (${maxRefresh})`
      if (server !== undefined && !isServer(server))
        yield `${at}.server: '${server}' must be an address such as '10.0.0.2:53'`
    }
  }
}

function isServer(text: string): boolean {
  const match = /^(?:\[([^\]]+)\](?::(\d{1,5}))?|([^:]+)(?::(\d{1,5}))?)$/.exec(text)
  const [, bracketed, portBehind = '53', plain, port = portBehind] = match ?? []
  return isIP(bracketed ?? plain ?? text) !== 0 && Number(port) > 0 && Number(port) <= 65_535
}
