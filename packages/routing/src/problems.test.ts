import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gateway, type RouteConfig } from '@gatewright/core'
import { createRouteTable } from './table.js'

type Entry = Omit<RouteConfig, 'respond'> & Pick<RouteConfig, 'respond'>

/** The problems of a configuration, without the indentation of the error's message. */
function problemsOf(...entries: Entry[]): string[] {
  const routes = entries.map((entry): RouteConfig => {
    const answers = entry.redirect === undefined && entry.respond === undefined ? { respond: {} } : {}
    return { ...entry, ...answers }
  })
  const gateway = new Gateway({ config: { routes }, clock: () => 0, chance: () => 0 })
  gateway.router = createRouteTable
  try {
    gateway.compile()
    return []
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    assert.equal(code, 'GW_CONFIG_INVALID')
    return message
      .split('\n')
      .slice(1)
      .map((line) => line.replace('  - ', ''))
  }
}

const HIDDEN = (hidden: string, by: string, where = '') =>
  `${hidden} can never match${where}: ${by} goes first and takes all of its requests`
const EQUAL = (a: string, b: string, where = '') =>
  `${a} and ${b} match the same requests${where} and none goes first: give one of them a higher 'priority', or another condition`
const A = "routes[0] 'a'"
const B = "routes[1] 'b'"

const PROBLEMS: Readonly<Record<string, readonly [routes: [Entry, Entry], problem: string]>> = {
  'two routes with one path': [
    [
      { id: 'a', path: '/x' },
      { id: 'b', path: '/x' }
    ],
    EQUAL(A, B)
  ],
  'paths that differ only in the names of parameters': [
    [
      { id: 'a', path: '/x/:id/*' },
      { id: 'b', path: '/x/:name/*' }
    ],
    EQUAL(A, B)
  ],
  'paths that are spelled differently and mean the same': [
    [
      { id: 'a', path: '/k%c3%a4se/%7e' },
      { id: 'b', path: '/käse/~' }
    ],
    EQUAL(A, B)
  ],
  'methods that overlap': [
    [
      { id: 'a', path: '/x', methods: ['GET', 'POST'] },
      { id: 'b', path: '/x', methods: ['POST', 'PUT'] }
    ],
    EQUAL(A, B)
  ],
  'the HEAD that comes with GET': [
    [
      { id: 'a', path: '/x', methods: ['GET'] },
      { id: 'b', path: '/x', methods: ['HEAD'] }
    ],
    EQUAL(A, B)
  ],
  'the same conditions in another order': [
    [
      { id: 'a', path: '/x', headers: { p: '1', Q: { prefix: '2' } }, query: { r: '3' } },
      { id: 'b', path: '/x', headers: { q: { prefix: '2' }, P: '1' }, query: { r: '3' } }
    ],
    EQUAL(A, B)
  ],
  'one common host': [
    [
      { id: 'a', path: '/x', host: ['p.test', 'q.test'] },
      { id: 'b', path: '/x', host: ['q.test', 'r.test'] }
    ],
    EQUAL(A, B, " at host 'q.test'")
  ],
  'a trailing slash that is ignored': [
    [
      { id: 'a', path: '/x', trailingSlash: 'ignore' },
      { id: 'b', path: '/x/' }
    ],
    EQUAL(A, B)
  ],
  'case that is ignored': [
    [
      { id: 'a', path: '/X', caseSensitive: false },
      { id: 'b', path: '/x' }
    ],
    EQUAL(A, B)
  ],
  'the same expression': [
    [
      { id: 'a', path: '~^/x' },
      { id: 'b', path: '~^/x' }
    ],
    EQUAL(A, B)
  ],
  'a higher priority that leaves nothing': [
    [
      { id: 'a', path: '/x', methods: ['GET'] },
      { id: 'b', path: '/x', priority: 1 }
    ],
    HIDDEN(A, B)
  ],
  'a higher priority for all cases and both spellings': [
    [
      { id: 'a', path: '/x', trailingSlash: 'ignore' },
      { id: 'b', path: '/X/', trailingSlash: 'ignore', caseSensitive: false, priority: 1 }
    ],
    HIDDEN(A, B)
  ],
  'an expression for everything before a prefix': [
    [
      { id: 'a', path: '/x/*', headers: { p: '1' } },
      { id: 'b', path: '~^/' }
    ],
    HIDDEN(A, B)
  ],
  'an expression for everything before an expression': [
    [
      { id: 'a', path: '~.*', methods: ['GET'], host: 'p.test' },
      { id: 'b', path: '~^/x', methods: ['GET'], host: 'p.test' }
    ],
    HIDDEN(B, A, " at host 'p.test'")
  ],
  'a slow path expression': [
    [{ id: 'a', path: '~^/(a|a)*$' }, { path: '/y' }],
    `${A}: path '~^/(a|a)*$' could take more than linear time: two of its repetitions can match the same text`
  ],
  'a path expression that is slow because case is ignored': [
    [{ id: 'a', path: '~^/(a|A)*$', caseSensitive: false }, { path: '/y' }],
    `${A}: path '~^/(a|A)*$' could take more than linear time: two of its repetitions can match the same text`
  ],
  'a slow header expression': [
    [{ id: 'a', path: '/x', headers: { 'X-H': { regex: '(a+)+b' } } }, { path: '/y' }],
    `${A}: header 'x-h': the pattern '(a+)+b' could take more than linear time: it repeats a repetition`
  ],
  'a slow query expression': [
    [{ id: 'a', path: '/x', query: { q: { regex: '.*x.*y.*' } } }, { path: '/y' }],
    `${A}: query 'q': the pattern '.*x.*y.*' could take more than linear time: two of its repetitions can match the same text`
  ],
  'a parameter inside a segment': [
    [{ id: 'a', path: '/x/:id.json' }, { path: '/y' }],
    `${A}: path '/x/:id.json': ':id.json' must be one parameter, ':' and a name, and the whole segment`
  ],
  'a redirect to a host with a port': [
    [{ id: 'a', path: '/x', redirect: { host: 'p.test:8080' } }, { path: '/y' }],
    `${A}: redirect.host 'p.test:8080' must be a host name without port`
  ],
  'a redirect to what is no host': [
    [{ id: 'a', path: '/x', redirect: { host: 'p.test/\r\nx: y' } }, { path: '/y' }],
    `${A}: redirect.host 'p.test/\ufffd\ufffdx: y' must be a host name without port`
  ],
  'a redirect to a path that is not canonical': [
    [{ id: 'a', path: '/x', redirect: { path: '/y?z=1' } }, { path: '/y' }],
    `${A}: redirect.path '/y?z=1' must be a canonical path`
  ],
  'a fixed answer that splits its head': [
    [{ id: 'a', path: '/x', respond: { headers: { 'x-a': 'b\r\nc: d' } } }, { path: '/y' }],
    "routes[0].respond.headers: 'x-a: b\ufffd\ufffdc: d' is no header field"
  ],
  'a fixed answer with a header that is no token': [
    [{ id: 'a', path: '/x', respond: { headers: { 'x a': 'b' } } }, { path: '/y' }],
    "routes[0].respond.headers: 'x a: b' is no header field"
  ],
  'a fixed answer that frames itself': [
    [{ id: 'a', path: '/x', respond: { headers: { 'Content-Length': '9' } } }, { path: '/y' }],
    "routes[0].respond.headers: 'Content-Length' is written by the gateway"
  ]
}

for (const [name, [routes, problem]] of Object.entries(PROBLEMS))
  test(`refused: ${name}`, () => assert.equal(problemsOf(...routes)[0], problem))

const FINE: Readonly<Record<string, [Entry, Entry]>> = {
  'methods that do not overlap': [
    { path: '/x', methods: ['GET'] },
    { path: '/x', methods: ['POST'] }
  ],
  'another host': [
    { id: 'a', path: '/x', host: 'p.test' },
    { id: 'b', path: '/x', host: '*.test' }
  ],
  'an exact path and a prefix': [{ path: '/x' }, { path: '/x/*' }],
  'a parameter and a fixed segment': [{ path: '/x/:y' }, { path: '/x/y' }],
  'other conditions of the same number': [
    { id: 'a', path: '/x', headers: { p: '1' } },
    { id: 'b', path: '/x', headers: { p: '2' } }
  ],
  'a header and a query parameter of the same name': [
    { id: 'a', path: '/x', headers: { p: '1' } },
    { id: 'b', path: '/x', query: { p: '1' } }
  ],
  'fewer conditions': [
    { id: 'a', path: '/x' },
    { id: 'b', path: '/x', headers: { p: '1' } }
  ],
  'a higher priority that leaves a method': [
    { id: 'a', path: '/x' },
    { id: 'b', path: '/x', methods: ['GET'], priority: 1 }
  ],
  'a higher priority that leaves the other spelling': [
    { id: 'a', path: '/x', trailingSlash: 'ignore' },
    { id: 'b', path: '/x', priority: 1 }
  ],
  'a higher priority that leaves other cases': [
    { id: 'a', path: '/x', caseSensitive: false },
    { id: 'b', path: '/x', priority: 1 }
  ],
  'two cases of one path beside each other': [{ path: '/X' }, { path: '/x' }],
  'an expression for everything and an exact path': [{ path: '~^/' }, { path: '/x' }],
  'an expression for everything at another host': [{ path: '~.*', host: 'p.test' }, { path: '/x/*' }],
  'an expression for everything with a condition': [{ path: '~.*', query: { q: '1' } }, { path: '/x/*' }],
  'an expression for everything by one method': [{ path: '~.*', methods: ['GET'] }, { path: '/x/*' }],
  'an expression for the root alone': [{ path: '~^/$' }, { path: '/x/*' }],
  'the same expression without regard to case': [
    { id: 'a', path: '~^/x' },
    { id: 'b', path: '~^/x', caseSensitive: false }
  ],
  'a redirect to an IPv6 address': [{ path: '/x', redirect: { host: '[::1]' } }, { path: '/y' }]
}

for (const [name, routes] of Object.entries(FINE))
  test(`taken: ${name}`, () => assert.deepEqual(problemsOf(...routes), []))

test('two cases of one path stay apart when another route of the host ignores case', () => {
  assert.deepEqual(problemsOf({ path: '/X' }, { path: '/x' }, { path: '/y', caseSensitive: false }), [])
})

test('all problems are told at once, and each pair of routes once', () => {
  const both: Entry = { path: '/x', host: ['p.test', 'q.test'], trailingSlash: 'ignore' }
  const problems = problemsOf(
    { ...both, id: 'a' },
    { ...both, id: 'b' },
    { path: '~(a+)+' },
    { path: '/:x:' }
  )
  assert.equal(problems.length, 4)
  assert.deepEqual(
    problems.filter((problem) => problem.includes("'a' and routes[1]")),
    [EQUAL(A, B, " at host 'p.test'"), EQUAL(A, B, " at host 'q.test'")]
  )
})
