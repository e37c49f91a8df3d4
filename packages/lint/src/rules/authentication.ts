import { authOf } from '../view/auth.js'
import type { RouteView } from '../view/route-view.js'
import type { LintRule } from './rule.js'

export const missingOnRoute: LintRule = {
  id: 'auth.missing-on-route',
  severity: 'warning',
  title: 'A route lets everybody in, while others ask who it is',
  explanation:
    'Some routes have `auth`, and this one says nothing. Mostly it was forgotten, and whoever knows the path reaches the upstream without a credential.',
  fix: 'Give it `auth`, or say `auth: false` where everybody may come in. `auth` at the top holds for all routes that say nothing; `auth: { default: deny }` there refuses to start while a route says nothing. Routes whose hooks or filters decide are no finding.',
  found: `
authentication: { schemes: { clients: { type: mtls } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /users/*, pool: users, auth: clients }
  - { path: /reports/*, pool: users }`,
  clean: `
authentication: { schemes: { clients: { type: mtls } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /users/*, pool: users, auth: clients }
  - { path: /reports/*, pool: users, auth: false }`,
  *find({ routes, config }) {
    const others = routes.filter((route) => authOf(route) !== undefined)
    if (others.length === 0) return
    for (const route of routes) {
      if (route.action !== 'forward' && route.action !== 'handler') continue
      if (route.given('auth') !== undefined || decidesOtherwise(route) || hasHooks(config.hooks)) continue
      yield {
        path: route.path,
        message: `route '${route.id}' has no auth, while ${others.length === 1 ? `'${others[0]?.id}' has` : `${others.length} others have`}`
      }
    }
  }
}

const DECIDING = new Set(['ext_authz', 'ext_authz_http', 'service', 'function'])

// What a service or a function decides cannot be seen.
function decidesOtherwise(route: RouteView): boolean {
  const filters = route.given('filters')?.value
  if (filters !== undefined && filters !== false && filters.some(({ type }) => DECIDING.has(type)))
    return true
  return [route.config, ...route.policies.map(({ config }) => config)].some(({ hooks }) => hasHooks(hooks))
}

function hasHooks(hooks: object | undefined): boolean {
  const { onRequest, preHandler } = (hooks ?? {}) as { onRequest?: unknown; preHandler?: unknown }
  return [onRequest, preHandler].flat().some((hook) => typeof hook === 'function')
}

export const observeOnly: LintRule = {
  id: 'auth.observe-only',
  severity: 'warning',
  title: 'Whoever is not allowed is only counted',
  explanation:
    "`mode: 'observe'` of `auth` or `authorize` reports whom it would have refused, and lets everybody through. It is for the time in which a rule is tried out, and easily stays.",
  fix: 'Take `mode` out once the reports are as they should be; until then, waive it with a date.',
  found: `
authentication: { schemes: { clients: { type: mtls } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, auth: { any: [clients], mode: observe } }`,
  clean: `
authentication: { schemes: { clients: { type: mtls } } }
pools:
  users: { endpoints: [http://10.0.0.1:3000] }
routes:
  - { path: /*, pool: users, auth: { any: [clients] } }`,
  *find({ routes }) {
    for (const route of routes)
      for (const key of ['auth', 'authorize'] as const) {
        const given = route.given(key)
        if (given !== undefined && typeof given.value === 'object' && given.value.mode === 'observe')
          yield { path: `${given.path}.mode`, message: `route '${route.id}' lets everybody through` }
      }
  }
}
