import { durationMs, type TimeoutsConfig } from '@gatewright/core'
import type { ConfigView } from '../view/config-view.js'
import { nearer } from './places.js'
import { retryOf } from './retries.js'
import type { LintRule } from './rule.js'

export const perTryExceedsTotal: LintRule = {
  id: 'timeouts.per-try-exceeds-total',
  severity: 'warning',
  title: 'All attempts together take longer than the whole may',
  explanation:
    '`perTry` times `attempts` is more than `total`: the last attempts are cut off by `total`, or never begin. The client waits as long, and the retries that were meant do not take place.',
  fix: 'Make `perTry` at most `total` divided by `attempts`, or `total` longer.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - path: /*
    pool: users
    timeouts: { perTry: 2s, total: 5s }
    retry: { attempts: 3 }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - path: /*
    pool: users
    timeouts: { perTry: 2s, total: 7s }
    retry: { attempts: 3 }`,
  *find({ forwarding }) {
    for (const route of forwarding) {
      const perTry = route.timeout('perTry')
      const total = route.timeout('total')
      if (perTry === undefined || total === undefined) continue
      const attempts = retryOf(route)?.options.attempts ?? (retryOf(route) === undefined ? 1 : 2)
      const [each, all] = [route.timeoutMs('perTry'), route.timeoutMs('total')]
      if (each === 0 || all === 0 || each * attempts <= all) continue
      yield {
        path: nearer(perTry, total),
        message:
          attempts === 1
            ? `perTry (${perTry.value}) is longer than total (${total.value}), which ends the request first`
            : `${attempts} attempts of ${perTry.value} take longer than total (${total.value})`
      }
    }
  }
}

/** Every `timeouts` that is written down, with its own `total`. */
function* layersWithTimeouts({ config, pools, policies }: ConfigView): Iterable<{
  readonly path: string
  readonly timeouts: TimeoutsConfig
  readonly total: string | undefined
}> {
  for (const { path, config: pool } of pools.values())
    yield { path, timeouts: pool.timeouts ?? {}, total: pool.timeouts?.total }
  const layers = [
    ...[...policies.values()].map((policy) => [policy.path, policy.config] as const),
    ...(config.routes ?? []).map((route, index) => [`routes[${index}]`, route] as const)
  ]
  for (const [path, { timeout, timeouts = {} }] of layers)
    yield { path, timeouts, total: timeouts.total ?? timeout }
}

export const longerThanTotal: LintRule = {
  id: 'timeouts.longer-than-total',
  severity: 'warning',
  title: 'A time limit that the total ends before',
  explanation:
    'A limit for a part of the exchange stands beside a shorter `total`, and so can never be reached: the failure is then told as deadline_exceeded, is not retried, and says nothing about what was slow.',
  fix: 'Make it shorter than `total`, or leave it out.',
  found: `
pools:
  users:
    endpoints: [http://10.0.0.1:3000]
    timeouts: { firstByte: 10s, total: 5s }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users:
    endpoints: [http://10.0.0.1:3000]
    timeouts: { firstByte: 3s, total: 5s }
routes:
  - { path: /*, pool: users }`,
  *find(view) {
    for (const { path, timeouts, total } of layersWithTimeouts(view)) {
      const most = durationMs(total ?? '0ms') ?? 0
      if (most === 0) continue
      for (const name of ['connect', 'tlsHandshake', 'firstByte'] as const) {
        const given = timeouts[name]
        if (given !== undefined && (durationMs(given) ?? 0) > most)
          yield {
            path: `${path}.timeouts.${name}`,
            message: `${name} (${given}) is longer than total (${total})`
          }
      }
    }
  }
}

export const off: LintRule = {
  id: 'timeouts.off',
  severity: 'warning',
  title: 'An upstream that never answers is waited for without end',
  explanation:
    'The limit for the response head is off, and neither `perTry` nor `total` stands in for it. Requests to an upstream that hangs pile up, each with a connection of the client and one to the endpoint, until no more can be opened.',
  fix: 'Give `firstByte` a time, or `total`. Where responses take minutes to begin, give them minutes.',
  found: `
pools:
  reports: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: reports, timeouts: { firstByte: 0ms } }`,
  clean: `
shutdown: { drain: 10m }
pools:
  reports: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: reports, timeouts: { firstByte: 0ms, total: 10m } }`,
  *find({ forwarding }) {
    for (const route of forwarding)
      for (const name of ['firstByte', 'connect'] as const) {
        const given = route.timeout(name)
        if (given === undefined || route.timeoutMs(name) > 0) continue
        if (route.timeoutMs('perTry') > 0 || route.timeoutMs('total') > 0) continue
        yield { path: given.path, message: `route '${route.id}' has no limit in place of ${name}` }
      }
  }
}

const WITH_BODY = ['POST', 'PUT', 'PATCH']

export const longerThanClientSide: LintRule = {
  id: 'timeouts.longer-than-client-side',
  severity: 'warning',
  title: 'A request may take longer than the client side lets it',
  explanation:
    '`server.requestTimeout` ends requests whose body has not come in its time (5m where nothing is said) with 408. A longer `total` of a route that takes bodies, or a longer `requestIdle`, promises uploads a time that they do not get.',
  fix: 'Make `server.requestTimeout` longer than the longest upload, or `total` shorter.',
  found: `
shutdown: { drain: 30m }
pools:
  files: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: files, methods: [PUT], timeout: 30m }`,
  clean: `
shutdown: { drain: 30m }
server: { requestTimeout: 30m }
pools:
  files: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: files, methods: [PUT], timeout: 30m }`,
  *find({ forwarding, config }) {
    const text = config.server?.requestTimeout ?? '5m'
    const most = durationMs(text) ?? 0
    if (most === 0) return
    for (const route of forwarding) {
      const { methods } = route.config
      if (methods !== undefined && !methods.some((method) => WITH_BODY.includes(method))) continue
      for (const name of ['total', 'requestIdle'] as const) {
        const given = route.timeout(name)
        // A route for all methods may mean downloads.
        if (
          given === undefined ||
          route.timeoutMs(name) <= most ||
          (name === 'total' && methods === undefined)
        )
          continue
        yield {
          path: given.path,
          message: `${name} (${given.value}) is longer than server.requestTimeout (${text})`
        }
      }
    }
  }
}

export const deadlineUnknown: LintRule = {
  id: 'timeouts.deadline-never-sent',
  severity: 'warning',
  title: 'No request has a deadline that could be sent',
  explanation:
    '`deadlineHeader` tells upstreams what is left of `timeouts.total`, and no route has one: the header is never sent, and upstreams go on working for clients that have left.',
  fix: 'Give the routes or their pools `timeouts.total`, or take `deadlineHeader` out.',
  found: `
deadlineHeader: x-request-timeout-ms
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users }`,
  clean: `
deadlineHeader: x-request-timeout-ms
pools:
  users: { endpoints: [http://10.0.0.1:3000], timeouts: { total: 5s } }
routes:
  - { path: /*, pool: users }`,
  *find({ forwarding, config }) {
    if (config.deadlineHeader === undefined || forwarding.length === 0) return
    if (forwarding.every((route) => route.timeoutMs('total') === 0))
      yield {
        path: 'deadlineHeader',
        message: `no route has timeouts.total, so ${config.deadlineHeader} is never sent`
      }
  }
}
