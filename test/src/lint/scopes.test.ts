import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, type GatewayBuilder, type RouteConfig } from '@gatewright/gateway'
import { checkInvariants, type Invariant } from '@gatewright/lint'
import { seededChance } from '@gatewright/testing'

type Scope = NonNullable<Invariant['where']>

/** The ids of the routes that an invariant means. */
const meant = (routes: readonly RouteConfig[], where: Scope): readonly (string | null)[] =>
  checkInvariants({ routes: [...routes] }, [
    { name: 'all', where, allowNone: true, check: () => 'is meant' }
  ]).map(({ route }) => route)

const route = (id: string, path: string, more: Partial<RouteConfig> = {}): RouteConfig => ({
  id,
  path,
  respond: { body: id },
  ...more
})

test('an invariant means routes that take its paths in another case, or with a slash more', () => {
  const rest = route('rest', '/*')
  assert.deepEqual(meant([route('a', '/admin', { caseSensitive: false })], { path: '/Admin' }), ['a'])
  assert.deepEqual(meant([route('a', '~^/Admin/', { caseSensitive: false })], { path: '/admin/*' }), ['a'])
  assert.deepEqual(meant([route('a', '/admin', { trailingSlash: 'ignore' })], { path: '/admin/' }), ['a'])
  assert.deepEqual(meant([route('a', '/admin/:page'), rest], { path: '/admin/' }), ['rest'])
  assert.deepEqual(meant([route('a', '/admin'), rest], { path: '/admin' }), ['a'])
})

interface Asked {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string>
}

test('no request that an invariant means is taken by a route that it does not', {
  timeout: 170_000
}, async (t) => {
  const chance = seededChance(4)
  const pick = <T>(all: readonly T[]): T => all[Math.floor(chance() * all.length)] as T
  const maybe = <T extends object>(share: number, value: () => T): T | object =>
    chance() < share ? value() : {}
  const segments = ['a', 'b', 'A', 'admin', 'x.y']
  const hosts = ['h.test', '*.h.test', 'x.h.test', 'H.test']
  const expressions = ['~^/a', '~^/admin/', '~^/(?:a|b)/', '~/b$', '~^/adm', '~^/a/?$', '~^/A/']
  const plainPath = (): string => {
    const path = Array.from({ length: 1 + Math.floor(chance() * 3) }, (_, index) =>
      chance() < 0.2 ? `/:p${index}` : `/${pick(segments)}`
    ).join('')
    return path + pick(['', '', '/*', '/*', '/'])
  }
  const anyRoute = (_: unknown, index: number): RouteConfig =>
    route(`r${index}`, chance() < 0.15 ? pick(expressions) : chance() < 0.1 ? '/*' : plainPath(), {
      ...maybe(0.3, () => ({ host: pick(hosts) })),
      ...maybe(0.25, () => ({ methods: pick([['GET'], ['POST'], ['GET', 'POST'], ['HEAD']] as const) })),
      ...maybe(0.15, () => ({ caseSensitive: false })),
      ...maybe(0.15, () => ({ trailingSlash: 'ignore' })),
      ...maybe(0.12, () => ({ headers: { 'x-a': '1' } })),
      ...maybe(0.1, () => ({ priority: 1 }))
    } as Partial<RouteConfig>)
  const anyScope = (): Scope => ({
    ...maybe(0.8, () => ({ path: plainPath() })),
    ...maybe(0.3, () => ({ host: pick(hosts) })),
    ...maybe(0.3, () => ({ method: pick(['GET', 'POST']) }))
  })
  const anyRequest = (): Asked => {
    const path = Array.from({ length: Math.floor(chance() * 4) }, () => `/${pick([...segments, 'q'])}`).join(
      ''
    )
    return {
      method: pick(['GET', 'POST', 'HEAD', 'PUT']),
      url: path === '' || chance() < 0.2 ? `${path}/` : path,
      headers: {
        host: pick(['h.test', 'x.h.test', 'y.x.h.test', 'o.test']),
        ...maybe(0.5, () => ({ 'x-a': '1' }))
      }
    }
  }
  // `null` for a table that is refused.
  const standing = async (routes: readonly RouteConfig[]): Promise<GatewayBuilder | null> => {
    const config = { routes: [...routes], logger: false, accessLog: false } as object
    const gateway = createGateway(config)
    t.after(() => gateway.close())
    return (await gateway.ready().catch(() => null)) as GatewayBuilder | null
  }

  const missed: string[] = []
  let seen = 0
  for (let table = 0; table < 20; table++) {
    const routes = Array.from({ length: 1 + Math.floor(chance() * 6) }, anyRoute)
    const gateway = await standing(routes)
    for (let round = 0; gateway !== null && round < 3; round++) {
      const where = anyScope()
      const { path = '/*', host, method } = where
      const methods = method === undefined ? {} : { methods: [method].flat() }
      const scope = route('scope', path, { ...methods, ...(host === undefined ? {} : { host }) } as object)
      const asked = await standing([scope])
      const ids = meant(routes, where)
      for (let count = 0; asked !== null && count < 25; count++) {
        const request = anyRequest()
        const { route: taken } = await gateway.explain(request)
        if (taken === null || (await asked.explain(request)).route === null) continue
        seen++
        if (!ids.includes(taken)) missed.push(JSON.stringify({ where, request, taken, ids, routes }))
      }
    }
  }
  assert.ok(seen > 50, `${seen} requests that are meant`)
  assert.deepEqual(missed, [])
})
