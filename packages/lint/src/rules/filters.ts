import { durationMs } from '@gatewright/core'
import type { FiltersConfig } from '@gatewright/gateway'
import { isPublicAddress } from '../view/addresses.js'
import type { ConfigView } from '../view/config-view.js'
import type { RouteView } from '../view/route-view.js'
import type { LintRule } from './rule.js'

type Filter = Exclude<FiltersConfig, false>[number]

/** Every filter with its place; for those of the top, without a route. */
function* filtersIn({ config, routes }: ConfigView): Iterable<{
  readonly path: string
  readonly filter: Filter
  readonly route: RouteView | undefined
}> {
  for (const [index, filter] of (config.filters || []).entries())
    yield { path: `filters[${index}]`, filter, route: undefined }
  for (const route of routes) {
    const given = route.given('filters')
    for (const [index, filter] of (given?.value || []).entries())
      yield { path: `${given?.path}[${index}]`, filter, route }
  }
}

const DECIDES = new Set(['ext_authz', 'ext_authz_http'])

export const failsOpen: LintRule = {
  id: 'filters.fails-open',
  severity: 'warning',
  title: 'Whoever makes a filter fail gets by it',
  explanation:
    'With `failMode: open` a request passes when the service does not answer in its time. A client that makes it slow, by load or by a request that it cannot read, is let in.',
  fix: 'Leave `failMode` at `closed` where the filter decides who may pass.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
filters: [{ type: ext_authz, target: 'http://10.0.0.9:9001', failMode: open }]
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
filters: [{ type: ext_authz, target: 'http://10.0.0.9:9001' }]
routes:
  - { path: /*, pool: users }`,
  *find(view) {
    for (const { path, filter } of filtersIn(view))
      if (DECIDES.has(filter.type) && 'failMode' in filter && filter.failMode === 'open')
        yield { path: `${path}.failMode`, message: 'without an answer, every request passes' }
  }
}

export const observeOnly: LintRule = {
  id: 'filters.observe-only',
  severity: 'warning',
  title: 'A filter that decides, and is only counted',
  explanation:
    "With `mode: 'observe'` what the service denies is reported and let through. It is for the time in which a filter is tried out, and easily stays.",
  fix: 'Take `mode` out once the reports are as they should be; until then, waive it with a date.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
filters: [{ type: ext_authz, target: 'http://10.0.0.9:9001', mode: observe }]
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
filters: [{ type: ext_authz, target: 'http://10.0.0.9:9001', mode: enforce }]
routes:
  - { path: /*, pool: users }`,
  *find(view) {
    for (const { path, filter } of filtersIn(view))
      if (DECIDES.has(filter.type) && 'mode' in filter && filter.mode === 'observe')
        yield { path: `${path}.mode`, message: 'what it denies is let through' }
  }
}

export const slowerThanTotal: LintRule = {
  id: 'filters.slower-than-total',
  severity: 'warning',
  title: 'A filter may take as long as the whole request',
  explanation:
    'The `timeout` of the filter is as long as `timeouts.total` of a route: when the service hangs, the request is over before `failMode` decides, and the answer is a time-out instead.',
  fix: 'Make it a small part of `total`; the default is 50ms.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - path: /*
    pool: users
    timeout: 1s
    filters: [{ type: ext_authz, target: 'http://10.0.0.9:9001', timeout: 2s }]`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - path: /*
    pool: users
    timeout: 1s
    filters: [{ type: ext_authz, target: 'http://10.0.0.9:9001', timeout: 100ms }]`,
  *find(view) {
    for (const { path, filter, route } of filtersIn(view)) {
      if (!('timeout' in filter) || filter.timeout === undefined) continue
      const taking =
        route === undefined ? view.forwarding.filter((one) => one.given('filters')?.value !== false) : [route]
      const ms = durationMs(filter.timeout) ?? 0
      const cut = taking.find((one) => one.timeoutMs('total') > 0 && one.timeoutMs('total') <= ms)
      if (cut !== undefined)
        yield {
          path: `${path}.timeout`,
          message: `${filter.timeout} is as long as the total of route '${cut.id}' (${cut.timeout('total')?.value})`
        }
    }
  }
}

export const plainTarget: LintRule = {
  id: 'filters.plain-target',
  severity: 'warning',
  title: 'Requests are told to a service through the Internet in plain text',
  explanation:
    'The service has an address of the public Internet and is asked without TLS: everybody on the way reads the headers of all requests, and can answer in its place.',
  fix: 'Begin `target` with https. Addresses of private networks are no finding.',
  found: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
filters: [{ type: ext_authz, target: 'http://1.1.1.1:9001' }]
routes:
  - { path: /*, pool: users }`,
  clean: `
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
filters: [{ type: ext_authz, target: 'https://1.1.1.1:9001' }]
routes:
  - { path: /*, pool: users }`,
  *find(view) {
    for (const { path, filter } of filtersIn(view))
      if ('target' in filter && /^http:/i.test(filter.target) && isPublicAddress(filter.target))
        yield { path: `${path}.target`, message: 'its address is public, and it is asked in plain text' }
  }
}
