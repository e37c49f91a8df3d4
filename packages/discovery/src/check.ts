import { isIP } from 'node:net'
import { checkAuthority, type GatewayConfig } from '@gatewright/core'

/** Yields the problems of `discovery` that the schema cannot see. */
export function* checkDiscovery({ pools = {} }: GatewayConfig): Iterable<string> {
  for (const [id, { discovery }] of Object.entries(pools)) {
    if (discovery === undefined) continue
    const at = `pools.${id}.discovery`
    if ('source' in discovery) {
      if (typeof discovery.source !== 'function') yield `${at}.source: must be a function`
    } else if ('dns' in discovery) {
      const { dns, type = 'A', port, authority, server } = discovery
      if (type === 'SRV' && port !== undefined) yield `${at}.port: SRV records bring their own ports`
      if (type !== 'SRV' && port === undefined) yield `${at}: 'port' is missing`
      if (authority !== undefined) yield* checkAuthority(authority, `${at}.authority`)
      else if (type !== 'SRV') yield* checkAuthority(dns, `${at}.dns`)
      if (server !== undefined && !isServer(server))
        yield `${at}.server: '${server}' must be an address such as '10.0.0.2:53'`
    }
  }
}

function isServer(text: string): boolean {
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d{1,5})?|([^:]+)(?::\d{1,5})?)$/.exec(text) ?? []
  return isIP(bracketed ?? plain ?? text) !== 0
}
