import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configProblems } from '../support/config-problems.js'
import { ownFields, transformed } from '../support/transformed.js'

const AT = 'routes[0].transform'

const MISTAKES: readonly (readonly [transform: object, problem: RegExp | string])[] = [
  [
    { request: { headers: { set: { connection: 'close' } } } },
    "request.headers.set: 'connection' is the gateway's own business"
  ],
  [
    { request: { headers: { set: { 'Transfer-Encoding': 'x' } } } },
    "request.headers.set: 'Transfer-Encoding' says how the body is read, which stays as it is"
  ],
  [{ request: { headers: { remove: ['content-length'] } } }, /content-length' says how the body is read/],
  [
    { request: { headers: { set: { host: 'a' } } } },
    "request.headers.set: 'host' has a key of its own: 'request.host'"
  ],
  [
    { request: { headers: { rename: { 'x-forwarded-for': 'x-a' } } } },
    /'x-forwarded-for' is the gateway's own business/
  ],
  [
    { request: { headers: { set: { 'x a': '1' } } } },
    "request.headers.set: 'x a' is no name of a header field"
  ],
  [{ request: { headers: { set: { 'x-a': 'a\r\nb: c' } } } }, /must not have control characters/],
  [{ request: { headers: { set: { 'x-a': '' } } } }, /is empty; to drop the field, name it in 'remove'/],
  [{ request: { headers: { append: { Authorization: 'x' } } } }, /may stand once only .*; use 'set'/],
  [
    { request: { headers: { set: { 'x-a': '1' }, rename: { 'x-b': 'X-A' } } } },
    /'x-a' is written by 'rename' already/
  ],
  [
    { request: { headers: { set: { 'x-a': '{identity.sub}' } } } },
    /no variable '\{identity.sub\}'; did you mean 'identity.subject'/
  ],
  [{ request: { host: 'a b' } }, "request.host: 'a b' must be a host with an optional port"],
  [{ request: { method: { GET: 'HEAD' } } }, /HEAD can stand for HEAD only/],
  [{ request: { method: 'TRACE' } }, /TRACE is never forwarded/],
  [{ request: { query: { set: { '': '1' } } } }, /must name something/],
  [{ response: { status: { '6xx': 200 } } }, /'6xx' must be a status from 200 to 599, or a range/],
  [{ response: { status: { 206: 200 } } }, /stays as it is/],
  [{ response: { status: { 200: 304 } } }, /304 cannot be made of another status/],
  [{ response: { headers: { when: 'sucess', set: { a: '1' } } } }, /did you mean 'success'/],
  [{ response: { headers: { when: 'error' } } }, /changes nothing/],
  [{ response: { headers: { set: { 'content-encoding': 'gzip' } } } }, /says how the body is read/],
  [{ response: { location: { hosts: ['http://a'] } } }, /'http:\/\/a' must be a host with an optional port/],
  [{ response: { cookies: { sameSite: 'none' } } }, /browsers refuse 'none' without Secure/],
  [{ response: { cookies: { path: '/a;b' } } }, /must begin with a slash, and have no ';'/],
  [{ response: { cookies: { names: ['a'] } } }, /changes nothing/],
  [
    { response: { headers: { set: { a: '{params.idd}' } } } },
    /'\{params.idd\}', which its path does not have; did you mean 'id'/
  ],
  [{ request: { headrs: {} } }, /unknown key 'headrs'; did you mean 'headers'/]
]

for (const [transform, problem] of MISTAKES)
  test(`${JSON.stringify(transform)} stops the start`, async () => {
    const problems = await configProblems({
      pools: { a: { endpoints: ['http://a.test'] } },
      routes: [{ path: '/x/:id', pool: 'a', transform }]
    })
    if (typeof problem === 'string') assert.deepEqual(problems, [`${AT}.${problem}`])
    else {
      assert.match(problems.join('\n'), problem)
      assert.equal(problems.length, 1, problems.join('\n'))
    }
  })

test('a transform of requests on a route that forwards nothing stops the start', async () => {
  const [problem] = await configProblems({
    routes: [{ path: '/x', respond: {}, transform: { request: { query: { remove: ['a'] } } } }]
  })
  assert.equal(
    problem,
    "routes[0].transform.request: does nothing: the route answers with 'respond' and forwards nothing"
  )
})

test('native routes are transformed as those of the table are', async (t) => {
  const { seen, answered } = await transformed(t, false, {}, undefined, (gateway) => {
    gateway.register(async (app) => {
      const transform = {
        request: { headers: { set: { 'x-id': '{params.id}' } }, query: { remove: ['debug'] } },
        response: { headers: { set: { 'x-route': '{route}' } } }
      }
      app.get(
        '/native/:id',
        { config: { gateway: { id: 'native', pool: 'users', transform } } },
        (request, reply) => app.gateway.forward(request, reply)
      )
    })
  })
  const request = await seen('GET /native/7?debug&a', 'x-id: forged')
  assert.deepEqual([request.target, ...ownFields(request)], ['/native/7?a', 'x-id: 7'])
  assert.equal((await answered({ status: 404 }, 'GET /native/7')).header('x-route'), 'native')
})

test('a change of transforms holds from the next request on, and a wrong one changes nothing', async (t) => {
  const { gateway, seen } = await transformed(t, { request: { headers: { set: { 'x-a': '1' } } } })
  const { gateway: running } = gateway.app
  const withSet = (set: Record<string, string>) => ({
    ...running.config,
    routes: [{ id: 'users', path: '/users/:id', pool: 'users', transform: { request: { headers: { set } } } }]
  })
  await running.apply(withSet({ 'x-b': '2' }))
  assert.deepEqual(ownFields(await seen('GET /users/7')), ['x-b: 2'])
  await assert.rejects(running.apply(withSet({ 'x-c': '{params.no}' })), /which its path does not have/)
  await assert.rejects(running.apply(withSet({ te: 'x' })), /own business/)
  assert.deepEqual(ownFields(await seen('GET /users/7')), ['x-b: 2'])
})
