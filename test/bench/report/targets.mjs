import { short, times } from './numbers.mjs'
import { ratio } from './ratios.mjs'

const atLeast = (limit) => ({ sign: '≥', limit, met: (value) => value >= limit })
const atMost = (limit) => ({ sign: '≤', limit, met: (value) => value <= limit })

/** The target as a ratio between two contestants of a case. */
function ratioTarget(what, bound, caseName, metric, one, other) {
  return {
    what,
    bound,
    show: times,
    measure: ({ [caseName]: entry }) => (entry === undefined ? null : ratio(entry, metric, one, other))
  }
}

/** What is left of the throughput when one thing is switched on. */
function switchTarget(name, least) {
  return ratioTarget(`requests per second, ${name} ÷ without`, atLeast(least), 'plugins', 'rps', name, 'bare')
}

const OURS = 'gatewright'
const HTTP_PROXY = 'fastify-http-proxy'

const targets = [
  ratioTarget(
    'requests per second ÷ hand-written undici proxy',
    atLeast(0.8),
    'json-64',
    'rps',
    OURS,
    'undici-dispatch'
  ),
  ratioTarget('requests per second ÷ @fastify/http-proxy', atLeast(1.6), 'json-64', 'rps', OURS, HTTP_PROXY),
  ratioTarget('CPU per request ÷ @fastify/http-proxy', atMost(0.62), 'json-64', 'cpuUs', OURS, HTTP_PROXY),
  ratioTarget('p99 ÷ @fastify/http-proxy', atMost(1), 'json-64', 'p99Ms', OURS, HTTP_PROXY),
  ratioTarget(
    'CPU per request, 10,000 routes ÷ 10 routes',
    atMost(1.1),
    'routes',
    'cpuUs',
    '10,000 routes',
    '10 routes'
  ),
  ratioTarget(
    'CPU per request, 10,000 routes on 1,000 hosts ÷ 10 routes',
    atMost(1.1),
    'routes',
    'cpuUs',
    '10,000 routes on 1,000 hosts',
    '10 routes'
  ),
  {
    what: '`createGateway` to listening, 10,000 routes',
    bound: atMost(1_000),
    show: (ms) => `${short(ms)} ms`,
    measure: ({ routes }) => highest(Object.values(routes?.contestants ?? {}).map(({ listenMs }) => listenMs))
  },
  ratioTarget(
    'throughput of 1 MiB responses ÷ http-proxy, the fastest on Node',
    atLeast(1),
    'download-1m',
    'rps',
    OURS,
    'http-proxy'
  ),
  switchTarget('all of resilience', 0.9),
  switchTarget('metrics', 0.95),
  switchTarget('access log to a file', 0.9),
  switchTarget('tracing without an SDK', 0.98),
  switchTarget('rate limit by client', 0.95),
  switchTarget('JWT, remembered', 0.95),
  switchTarget('header transforms', 0.97),
  switchTarget('all policies', 0.8),
  switchTarget('everything on', 0.8),
  ratioTarget(
    'requests per second ÷ Caddy, both with an access log',
    atLeast(1),
    'logged',
    'rps',
    OURS,
    'caddy'
  ),
  ratioTarget(
    'requests per second, everything on ÷ Caddy with an access log',
    atLeast(1),
    'logged',
    'rps',
    'gatewright, everything on',
    'caddy'
  ),
  {
    what: 'growth of RSS while 1 GiB streams',
    bound: atMost(64),
    show: (mib) => `${short(mib)} MiB`,
    measure: ({ 'stream-1g': entry }) =>
      highest(
        Object.values(entry?.contestants[OURS] ?? {}).map(({ startMiB, peakMiB }) => peakMiB - startMiB)
      )
  },
  ratioTarget(
    'cold start ÷ bare Fastify with reply-from',
    atMost(1.5),
    'start',
    'importMs',
    OURS,
    'fastify-reply-from'
  )
]

/** Every target with what was measured: `{ what, wanted, measured, met }`, the last two `null` when nothing was. */
export function judge({ cases }) {
  return targets.map(({ what, bound, show, measure }) => {
    const value = measure(cases)
    return {
      what,
      wanted: `${bound.sign} ${show(bound.limit)}`,
      measured: value === null ? null : show(value),
      met: value === null ? null : bound.met(value)
    }
  })
}

function highest(values) {
  return values.length === 0 ? null : Math.max(...values)
}
