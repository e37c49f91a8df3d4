import { candidates, GATEWRIGHT, LOGGED, startCandidate } from '../candidates.mjs'
import { compare } from '../measure/compare.mjs'
import { startUpstream, withUpstreams } from '../upstream/upstreams.mjs'
import { smallJson } from './loads.mjs'

const load = smallJson(64)

/** What runs: a proxy, and how it is configured. */
const contestants = [
  { name: GATEWRIGHT, of: GATEWRIGHT, variant: 'with its log' },
  { name: 'gatewright, no log', of: GATEWRIGHT, variant: 'bare' },
  { name: 'gatewright, everything on', of: GATEWRIGHT, variant: 'everything on' },
  { name: 'fastify-http-proxy', of: 'fastify-http-proxy', variant: LOGGED },
  { name: 'caddy', of: 'caddy', variant: LOGGED },
  { name: 'nginx', of: 'nginx', variant: LOGGED }
]

/** Proxies as people run them: each writes its access log to a file. */
export const logged = {
  name: 'logged',
  title: 'Small JSON, unique URLs, 64 connections, an access log written to a file',
  run: (options) =>
    withUpstreams([startUpstream], async (urls) => ({
      kind: 'rounds',
      ratioOf: GATEWRIGHT,
      bytes: load.expect.bytes,
      ...(await compare(
        contestants.map(({ name, of, variant }) => ({
          name,
          load,
          start: () =>
            startCandidate(
              candidates.find((one) => one.name === of),
              urls,
              variant
            )
        })),
        { ...options, leadInSeconds: 1 }
      ))
    }))
}
