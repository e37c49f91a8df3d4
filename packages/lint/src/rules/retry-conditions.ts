import { retriesIn } from './retries.js'
import type { LintRule } from './rule.js'

const REPEATABLE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE', 'QUERY'])
/** Client errors that say: later. */
const LATER = new Set([408, 425, 429])
const CONDITIONS = ['connect_failure', 'reset', 'timeout', 'status'] as const

export const unsafeMethods: LintRule = {
  id: 'retry.unsafe-methods',
  severity: 'warning',
  title: 'Requests are sent again that may have been carried out',
  explanation:
    'POST and PATCH are in `methods`, so an order is sent again when the answer to it got lost or took too long: the upstream may carry it out twice. Requests of which nothing was sent, and those with an Idempotency-Key, are retried without being listed.',
  fix: 'Take the method out of `methods`, or retry only on `connect_failure`, or have clients send Idempotency-Key.',
  found: `
pools:
  orders: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: orders, retry: { methods: [GET, POST] } }`,
  clean: `
pools:
  orders: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: orders, retry: { methods: [GET, POST], on: [connect_failure] } }`,
  *find(view) {
    for (const { path, options } of retriesIn(view)) {
      const { methods, on = CONDITIONS } = options
      if (!Array.isArray(methods) || on.every((condition) => condition === 'connect_failure')) continue
      const unsafe = methods.filter((method) => !REPEATABLE.has(method))
      if (unsafe.length > 0)
        yield { path: `${path}.methods`, message: `${unsafe.join(' and ')} may be carried out twice` }
    }
  }
}

export const clientErrors: LintRule = {
  id: 'retry.client-errors',
  severity: 'warning',
  title: 'Answers are retried that will be the same again',
  explanation:
    'A status from 400 to 499 says that the request is wrong. Sent again it is as wrong, and costs the upstream twice; only 408, 425 and 429 mean later.',
  fix: 'Take these statuses out of `statuses`.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { statuses: [404, 503] } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { statuses: [429, 503] } }`,
  *find(view) {
    for (const { path, options } of retriesIn(view)) {
      const wrong = (options.statuses ?? []).filter((status) => status < 500 && !LATER.has(status))
      if (wrong.length > 0)
        yield {
          path: `${path}.statuses`,
          message: `${wrong.join(', ')}: the same request gets the same answer`
        }
    }
  }
}

export const statusesUnused: LintRule = {
  id: 'retry.statuses-unused',
  severity: 'warning',
  title: 'Statuses are listed that are never retried',
  explanation: '`on` does not contain `status`, so that `statuses` says nothing.',
  fix: 'Add `status` to `on`, or take `statuses` out.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { on: [reset], statuses: [503] } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { on: [reset, status], statuses: [503] } }`,
  *find(view) {
    for (const { path, options } of retriesIn(view))
      if (options.statuses !== undefined && options.on?.includes('status') === false)
        yield { path: `${path}.statuses`, message: "'status' is not in on" }
  }
}

export const neverRetries: LintRule = {
  id: 'retry.never',
  severity: 'warning',
  title: 'A retry that never takes place',
  explanation:
    '`attempts` counts the first one too, so that 1 is none at all; and with an empty `on`, nothing is a reason for a second one.',
  fix: 'Give `attempts` 2 or more, or say `retry: false`.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { attempts: 1 } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { attempts: 2 } }`,
  *find(view) {
    for (const { path, options } of retriesIn(view)) {
      if (options.attempts === 1) yield { path: `${path}.attempts`, message: 'one attempt is the first one' }
      if (options.on?.length === 0) yield { path: `${path}.on`, message: 'nothing is retried' }
    }
  }
}

export const bodyNotKept: LintRule = {
  id: 'retry.body-not-kept',
  severity: 'warning',
  title: 'Requests with a body cannot be sent again',
  explanation:
    'Methods with a body are to be retried, and `bufferBody` keeps nothing of it: once the first byte is sent, none of these requests can be repeated.',
  fix: 'Give `bufferBody` the size of the usual body, or list only methods without one.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { methods: [GET, PUT], bufferBody: 0B } }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000, http://10.0.0.2:3000] }
routes:
  - { path: /*, pool: users, retry: { methods: [GET], bufferBody: 0B } }`,
  *find(view) {
    for (const { path, options } of retriesIn(view)) {
      const { methods, bufferBody } = options
      if (bufferBody === undefined || !/^0(?:\.0+)?[A-Z]/.test(bufferBody) || !Array.isArray(methods))
        continue
      const withBody = methods.filter((method) => ['PUT', 'POST', 'PATCH', 'QUERY'].includes(method))
      if (withBody.length > 0)
        yield { path: `${path}.bufferBody`, message: `nothing is kept of the body of ${withBody.join(', ')}` }
    }
  }
}
