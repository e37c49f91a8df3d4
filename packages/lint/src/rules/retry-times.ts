import { durationMs } from '@gatewright/core'
import { nearer } from './places.js'
import { retriesIn, retryOf } from './retries.js'
import type { LintRule } from './rule.js'

export const backoffOrder: LintRule = {
  id: 'retry.backoff-order',
  severity: 'warning',
  title: 'The first delay is longer than the longest',
  explanation: '`backoff.base` is above `backoff.max`, which caps every delay: the base is never reached.',
  fix: 'Make `base` at most `max`. Where only `base` is given, `max` is 250ms.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { backoff: { base: 1s } } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { backoff: { base: 1s, max: 4s } } }`,
  *find(view) {
    for (const { path, options } of retriesIn(view)) {
      const { base, max = '250ms' } = options.backoff ?? {}
      if (base !== undefined && (durationMs(base) ?? 0) > (durationMs(max) ?? 0))
        yield { path: `${path}.backoff.base`, message: `base (${base}) is above max (${max})` }
    }
  }
}

export const waitsLongerThanTotal: LintRule = {
  id: 'retry.waits-longer-than-total',
  severity: 'warning',
  title: 'A retry is waited for longer than the request lasts',
  explanation:
    'A delay between attempts, or the Retry-After that is honoured (`maxRetryAfter`), is as long as `timeouts.total`: the request ends while it waits, without a second attempt.',
  fix: 'Make `maxRetryAfter` and `backoff.max` shorter than `total` by the time of an attempt.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, timeout: 2s, retry: { maxRetryAfter: 5s } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, timeout: 2s, retry: { maxRetryAfter: 500ms } }`,
  *find({ forwarding }) {
    for (const route of forwarding) {
      const retry = retryOf(route)
      const total = route.timeout('total')
      const most = route.timeoutMs('total')
      if (retry === undefined || total === undefined || most === 0) continue
      const { maxRetryAfter, backoff = {} } = retry.options
      for (const [name, given] of [
        ['maxRetryAfter', maxRetryAfter],
        ['backoff.base', backoff.base]
      ] as const)
        if (given !== undefined && (durationMs(given) ?? 0) >= most)
          yield {
            path: nearer({ ...retry, path: `${retry.path}.${name}` }, total),
            message: `${name} (${given}) is as long as total (${total.value})`
          }
    }
  }
}

export const timeoutNeverRetried: LintRule = {
  id: 'retry.timeout-never-retried',
  severity: 'warning',
  title: 'Time-outs are to be retried, and no time is left for it',
  explanation:
    '`on` lists `timeout`, but an attempt may take as long as the whole request: when it has timed out, `total` is over too.',
  fix: 'Give `timeouts.perTry` a part of `total`.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, timeout: 5s, retry: { on: [reset, timeout] } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, timeouts: { perTry: 2s, total: 5s }, retry: { on: [reset, timeout] } }`,
  *find({ forwarding }) {
    for (const route of forwarding) {
      const retry = retryOf(route)
      const total = route.timeoutMs('total')
      if (retry?.options.on?.includes('timeout') !== true || total === 0) continue
      const limits = [route.timeoutMs('perTry'), route.timeoutMs('firstByte')].filter((ms) => ms > 0)
      if (Math.min(...limits, Number.POSITIVE_INFINITY) >= total)
        yield {
          path: `${retry.path}.on`,
          message: `an attempt of route '${route.id}' may take as long as its total (${route.timeout('total')?.value})`
        }
    }
  }
}
