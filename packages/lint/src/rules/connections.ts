import { durationMs, sizeBytes } from '@gatewright/core'
import { nearer } from './places.js'
import type { LintRule } from './rule.js'

export const queueLongerThanTotal: LintRule = {
  id: 'connections.queue-longer-than-total',
  severity: 'warning',
  title: 'A request may wait in a queue for as long as it lasts',
  explanation:
    'The longest wait in a queue is as long as `timeouts.total`: whoever waits so long gets 504 from the queue, after having taken its place from others.',
  fix: 'Make `queueTimeout` a small part of `total`.',
  found: `
pools:
  users:
    endpoints: [http://10.0.0.1:3000]
    timeouts: { total: 2s }
    connections: { max: 50, queueTimeout: 5s }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users:
    endpoints: [http://10.0.0.1:3000]
    timeouts: { total: 2s }
    connections: { max: 50, queueTimeout: 200ms }
routes:
  - { path: /*, pool: users }`,
  *find({ forwarding }) {
    for (const route of forwarding) {
      const total = route.timeout('total')
      const most = route.timeoutMs('total')
      if (total === undefined || most === 0) continue
      const concurrency = route.given('concurrency')
      const waits = [
        {
          value: route.pool?.config.connections?.queueTimeout,
          path: `${route.pool?.path}.connections.queueTimeout`,
          from: 'pool'
        },
        {
          value: (concurrency?.value.maxQueue ?? 0) > 0 ? concurrency?.value.queueTimeout : undefined,
          path: `${concurrency?.path}.queueTimeout`,
          from: concurrency?.from ?? 'pool'
        }
      ] as const
      for (const { value, ...place } of waits)
        if (value !== undefined && (durationMs(value) ?? 0) >= most)
          yield {
            path: nearer(place, total),
            message: `queueTimeout (${value}) is as long as total (${total.value}) of route '${route.id}'`
          }
    }
  }
}

/** nginx keeps idle connections for 75 s, most others for less. */
const LONGEST_KEPT_MS = 75_000

export const keptTooLong: LintRule = {
  id: 'connections.kept-too-long',
  severity: 'warning',
  title: 'Idle connections are kept longer than upstreams keep them',
  explanation:
    'The upstream closes an idle connection first (Node after 5s, nginx after 75s), and a request that is sent at this moment fails with a reset.',
  fix: "Make `keepAlive` shorter than the upstream's own limit; the default is 4s.",
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], connections: { keepAlive: 5m } }
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000], connections: { keepAlive: 30s } }
routes:
  - { path: /*, pool: users }`,
  *find({ pools }) {
    for (const { path, config } of pools.values()) {
      const keepAlive = config.connections?.keepAlive
      if (keepAlive !== undefined && (durationMs(keepAlive) ?? 0) >= LONGEST_KEPT_MS)
        yield {
          path: `${path}.connections.keepAlive`,
          message: `${keepAlive} is longer than any usual upstream keeps an idle connection`
        }
    }
  }
}

export const slowClients: LintRule = {
  id: 'connections.slow-clients',
  severity: 'warning',
  title: 'Slow clients may keep all connections',
  explanation:
    'With `minRate: 0B` a client that sends its body byte by byte keeps its connection to the endpoint while others wait for one. As many such clients as there are connections stop the pool.',
  fix: 'Leave `minRate` at 1KiB, or limit clients by `perClient`.',
  found: `
pools:
  files: { endpoints: [http://10.0.0.1:3000], connections: { minRate: 0B } }
routes:
  - { path: /*, pool: files }`,
  clean: `
pools:
  files: { endpoints: [http://10.0.0.1:3000], connections: { minRate: 0B, perClient: 20 } }
routes:
  - { path: /*, pool: files }`,
  *find({ pools }) {
    for (const { path, config } of pools.values()) {
      const { minRate, perClient = 0 } = config.connections ?? {}
      if (minRate !== undefined && sizeBytes(minRate) === 0 && perClient === 0)
        yield {
          path: `${path}.connections.minRate`,
          message: 'a client that sends next to nothing keeps its connection'
        }
    }
  }
}
