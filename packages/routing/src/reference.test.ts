import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gateway, type MatchRequest, type RouteConfig, type RouteTable } from '@gatewright/core'
import fc from 'fast-check'
import { createRouteTable } from './table.js'

// A second matcher, as plain as can be: it looks at every route and keeps the best one. It reads the configuration
// by itself and shares nothing with the table.

type Entry = RouteConfig & { readonly id: string }

function hostRank(entry: Entry, host: string): number {
  if (entry.host === undefined) return 0
  const ranks = [entry.host].flat().map((pattern) => {
    if (!pattern.startsWith('*')) return pattern === host ? 1000 : -1
    return host.endsWith(pattern.slice(1)) ? pattern.length : -1
  })
  return Math.max(...ranks)
}

function sameSegments(pattern: string[], path: string[], ignoreCase: boolean): boolean {
  return pattern.every((segment, index) => {
    const given = path[index] as string
    if (segment.startsWith(':')) return given !== ''
    return ignoreCase ? segment.toLowerCase() === given.toLowerCase() : segment === given
  })
}

function pathMatches({ path: pattern, caseSensitive, trailingSlash }: Entry, path: string): boolean {
  const ignoreCase = caseSensitive === false
  if (pattern[0] === '~') return new RegExp(pattern.slice(1), ignoreCase ? 'i' : '').test(path)
  const given = path.split('/').slice(1)
  if (pattern.endsWith('/*')) {
    const prefix = pattern.slice(0, -2).split('/').slice(1)
    return given.length >= prefix.length && sameSegments(prefix, given, ignoreCase)
  }
  const candidates = [pattern]
  if (trailingSlash === 'ignore' && pattern !== '/')
    candidates.push(pattern.endsWith('/') ? pattern.slice(0, -1) : `${pattern}/`)
  return candidates.some((candidate) => {
    const segments = candidate.split('/').slice(1)
    return segments.length === given.length && sameSegments(segments, given, ignoreCase)
  })
}

function takesMethod({ methods }: Entry, method: string): boolean {
  if (methods === undefined) return method !== 'TRACE' && method !== 'CONNECT'
  return (methods as readonly string[]).includes(method) || (method === 'HEAD' && methods.includes('GET'))
}

function conditionsHold({ headers = {}, query = {} }: Entry, request: MatchRequest): boolean {
  const parameters = new URLSearchParams(request.query)
  return (
    Object.entries(headers).every(([name, value]) => request.headers[name] === value) &&
    Object.entries(query).every(([name, value]) => {
      const values = new Set(parameters.getAll(name))
      return values.size === 1 && values.has(value as string)
    })
  )
}

/** Higher is better, from left to right. */
function rank(entry: Entry, all: readonly Entry[], request: MatchRequest): (number | string)[] {
  const { path, headers = {}, query = {}, priority = 0 } = entry
  const place = (some: Entry): number => -all.indexOf(some)
  const host = hostRank(entry, request.host)
  const twins = all.filter(
    (other) =>
      other.path === path &&
      (other.caseSensitive ?? true) === (entry.caseSensitive ?? true) &&
      hostPatterns(other).some(
        (pattern) => hostPatterns(entry).includes(pattern) && rankOf(pattern, request.host) === host
      )
  )
  const kind = path[0] === '~' ? 1 : path.endsWith('/*') ? 0 : 2
  const segments = path.split('/').slice(1, path.endsWith('/*') ? -1 : undefined)
  const shape = segments
    .filter((segment) => segment !== '')
    .map((segment) => (segment.startsWith(':') ? '0' : '1'))
  return [
    host,
    kind,
    kind === 0 ? segments.length : 0,
    kind === 1 ? Math.max(...twins.map(place)) : shape.join(''),
    Object.keys(headers).length + Object.keys(query).length,
    priority,
    place(entry)
  ]
}

function hostPatterns({ host }: Entry): string[] {
  return host === undefined ? [''] : [host].flat()
}

function rankOf(pattern: string, host: string): number {
  return hostRank({ id: '', path: '/', ...(pattern === '' ? {} : { host: pattern }) }, host)
}

function naive(all: readonly Entry[], request: MatchRequest): Entry | undefined {
  return all
    .filter((entry) => hostRank(entry, request.host) >= 0 && pathMatches(entry, request.path))
    .filter((entry) => takesMethod(entry, request.method) && conditionsHold(entry, request))
    .map((entry) => ({ entry, rank: rank(entry, all, request) }))
    .sort((a, b) => {
      const at = a.rank.findIndex((value, index) => value !== b.rank[index])
      return (a.rank[at] as number) > (b.rank[at] as number) ? -1 : 1
    })[0]?.entry
}

const segment = fc.constantFrom('a', 'a', 'b', 'A', 'a.b')
const segments = fc
  .array(fc.oneof(segment, fc.constantFrom(':x', ':y', ':z')), { maxLength: 3 })
  .filter((some) => {
    const names = some.filter((text) => text.startsWith(':'))
    return new Set(names).size === names.length
  })
const join = (some: readonly string[]): string => some.map((text) => `/${text}`).join('')
const path = fc.oneof(
  { weight: 5, arbitrary: segments.map((some) => `${join(some)}/*`) },
  { weight: 4, arbitrary: segments.map((some) => join(some) || '/') },
  { weight: 1, arbitrary: segments.map((some) => `${join(some)}/`) },
  { weight: 1, arbitrary: fc.constantFrom('~^/a', '~b$', '~^/[aA]/', '~/a(?:/|$)') }
)
const host = fc.constantFrom('a.test', 'b.a.test', '*.test', '*.a.test')
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const entry = fc
  .record({
    path,
    host: rarely(fc.oneof(host, fc.uniqueArray(host, { minLength: 1, maxLength: 2 }))),
    methods: rarely(fc.uniqueArray(fc.constantFrom('GET', 'POST', 'HEAD'), { minLength: 1 })),
    headers: rarely(fc.dictionary(fc.constantFrom('x-p', 'x-q'), fc.constantFrom('1', '2'))),
    query: rarely(fc.dictionary(fc.constantFrom('p'), fc.constantFrom('1', '2'))),
    priority: rarely(fc.integer({ min: -1, max: 1 })),
    caseSensitive: rarely(fc.boolean()),
    trailingSlash: rarely(fc.constantFrom('strict', 'ignore'))
  })
  .map((keys) => JSON.parse(JSON.stringify(keys)) as Omit<Entry, 'id'>)
const request: fc.Arbitrary<MatchRequest> = fc.record({
  method: fc.constantFrom('GET', 'GET', 'HEAD', 'POST', 'DELETE', 'TRACE'),
  host: fc.constantFrom('', 'a.test', 'b.a.test', 'c.a.test', 'c.test', 'other'),
  path: fc
    .array(fc.oneof({ weight: 9, arbitrary: segment }, fc.constantFrom('', '%C3%A9', 'c', ':x', 'p')), {
      maxLength: 4
    })
    .map((some) => join(some) || '/'),
  query: fc.constantFrom('', '?p=1', '?p=2&p=2', '?p=1&p=2', '?p'),
  headers: fc.dictionary(fc.constantFrom('x-p', 'x-q'), fc.constantFrom('1', '2'))
})

/** A table of the routes that have no problem beside the ones before them. */
function grow(entries: readonly Omit<Entry, 'id'>[]): { table: RouteTable; routes: Entry[] } | undefined {
  let grown: { table: RouteTable; routes: Entry[] } | undefined
  for (const [index, entry] of entries.entries()) {
    const routes = [...(grown?.routes ?? []), { ...entry, id: `r${index}` }]
    const config = { routes: routes.map((route) => ({ ...route, respond: {} })) }
    const gateway = new Gateway({ config, clock: () => 0, chance: () => 0 })
    gateway.router = createRouteTable
    try {
      grown = { table: gateway.compile().table as RouteTable, routes }
    } catch {}
  }
  return grown
}

const METHODS = ['DELETE', 'GET', 'HEAD', 'POST']

test('find, explain and allowed say what a matcher says that looks at every route', () => {
  let found = 0
  let shadowed = 0
  fc.assert(
    fc.property(
      fc.array(entry, { minLength: 4, maxLength: 14, size: 'max' }),
      fc.array(request, { minLength: 16, maxLength: 16 }),
      (entries, requests) => {
        const grown = grow(entries)
        fc.pre(grown !== undefined)
        const { table, routes } = grown as NonNullable<typeof grown>
        for (const asked of requests) {
          const expected = naive(routes, asked)?.id
          assert.equal(table.find(asked)?.route.id, expected, JSON.stringify({ routes, asked }))

          const considered = table.explain(asked)
          assert.deepEqual(considered.map(({ routeId }) => routeId).sort(), routes.map(({ id }) => id).sort())
          assert.equal(considered.find(({ matched }) => matched)?.routeId, expected)
          for (const { routeId, matched } of considered) {
            const alone = routes.filter(({ id }) => id === routeId)
            assert.equal(matched, naive(alone, asked) !== undefined, JSON.stringify({ alone, asked }))
          }
          if (expected === undefined) {
            const others = METHODS.filter((method) => naive(routes, { ...asked, method }) !== undefined)
            assert.deepEqual(
              table.allowed(asked).filter((method) => METHODS.includes(method)),
              others
            )
          } else found++
          if (considered.filter(({ matched }) => matched).length > 1) shadowed++
        }
      }
    ),
    { numRuns: 600 }
  )
  assert.ok(found > 2000 && shadowed > 1000, `too few requests matched anything: ${found}, ${shadowed}`)
})
