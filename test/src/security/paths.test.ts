import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { type GatewayConfig, gateway, type RouteHooks } from '@gatewright/gateway'
import { type FakeUpstream, fakeUpstream, rawClient, type SeenRequest } from '@gatewright/testing'
import { type FastifyInstance, type FastifyRequest, fastify } from 'fastify'
import { obligingPath, PATH_SPELLINGS, PLAIN_SPELLINGS } from '../support/path-spellings.js'
import { startGateway } from '../support/start-gateway.js'

type Policy = 'reject' | 'redirect' | 'normalize'
const POLICIES: readonly Policy[] = ['reject', 'redirect', 'normalize']

/** What a hook saw of a request. */
interface Hooked {
  readonly url: string
  readonly path: string
  readonly query: string
}

/** Three upstreams: nothing may reach `admin`, `pub` only below its base path, `rest` never under /admin. */
interface Site {
  readonly admin: FakeUpstream
  readonly pub: FakeUpstream
  readonly rest: FakeUpstream
  /** By request id. */
  readonly hooked: Map<string, Hooked>
  readonly config: Omit<GatewayConfig, 'routes'> & { readonly routes: NonNullable<GatewayConfig['routes']> }
}

async function site(t: TestContext, policy: Policy, guard: RouteHooks | undefined): Promise<Site> {
  const [admin, pub, rest] = await Promise.all([fakeUpstream(t), fakeUpstream(t), fakeUpstream(t)])
  const hooked = new Map<string, Hooked>()
  const config: Site['config'] = {
    paths: { policy },
    pools: {
      admin: { endpoints: [admin.url] },
      pub: { endpoints: [`${pub.url}/base`] },
      rest: { endpoints: [rest.url] }
    },
    routes: [
      { path: '/admin/*', pool: 'admin', ...(guard === undefined ? {} : { hooks: guard }) },
      { path: '/pub/*', pool: 'pub', rewrite: { stripPrefix: true, addPrefix: '/open' } },
      { path: '/*', pool: 'rest' }
    ],
    hooks: {
      onRequest(request, _reply, done) {
        const { exchange, url } = request
        if (exchange !== null) hooked.set(exchange.id, { url, path: exchange.path, query: exchange.query })
        done()
      }
    }
  }
  return { admin, pub, rest, hooked, config }
}

const refuse: RouteHooks = {
  onRequest(_request, reply) {
    reply.code(403).send('guarded')
  }
}

interface Sent {
  readonly target: string
  readonly status: number
  readonly location: string | undefined
}

/** Sends a target as it is, on a connection of its own that the gateway must close. */
async function send(port: number, target: string): Promise<Sent> {
  const client = await rawClient(port)
  await client.write(`GET ${target} HTTP/1.1\r\nHost: example.test\r\nConnection: close\r\n\r\n`)
  await client.closed
  const received = client.received.toString('latin1')
  return {
    target,
    status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(received)?.[1] ?? 0),
    location: /\r\nlocation: ([^\r]*)\r\n/i.exec(received)?.[1]
  }
}

/** Sends every spelling, and follows redirects as a browser would. */
async function attack(port: number): Promise<Sent[]> {
  const all: Sent[] = []
  for (const target of PATH_SPELLINGS) {
    const sent = await send(port, target)
    all.push(sent)
    if (sent.location?.startsWith('/')) all.push(await send(port, sent.location))
  }
  return all
}

/** One sentence per request that an upstream should not have seen so. `logged`: paths in the access log, by request id. */
function* escapes({ admin, pub, rest, hooked }: Site, logged?: Map<string, string>): Iterable<string> {
  for (const { target } of admin.requests) yield `admin saw ${target}`
  for (const request of pub.requests) {
    const { target } = request
    if (!/^\/base\/open(?:\/|$)/.test(obligingPath(target)))
      yield `pub would take ${target} for something else`
    const { path, query } = seenBy(request)
    if (target !== `/base/open${path.slice('/pub'.length) || '/'}${query}`)
      yield `pub got ${target}, not ${path}`
  }
  for (const request of rest.requests) {
    const { target } = request
    if (/^\/admin(?:\/|$)/.test(obligingPath(target))) yield `rest would serve ${target} as /admin`
    const { path, query } = seenBy(request)
    if (target !== path + query) yield `rest got ${target}, not ${path}`
  }
  for (const request of [...pub.requests, ...rest.requests]) {
    const { url, path, query } = seenBy(request)
    // A plugin cannot change the URL: it may differ in the case of hexadecimal digits, and in nothing else.
    const same = logged === undefined ? upperEscapes(url) : url
    if (same !== path + query) yield `hooks saw ${url} as URL and ${path} as path`
    if (logged !== undefined && logged.get(idOf(request)) !== path) yield `the log lacks ${path}`
  }

  function seenBy(request: SeenRequest): Hooked {
    return hooked.get(idOf(request)) as Hooked
  }
}

function idOf(request: SeenRequest): string {
  return request.header('x-request-id') as string
}

function upperEscapes(url: string): string {
  return url.replace(/%../g, (hex) => hex.toUpperCase())
}

/** What holds of every answer, whatever the target and the policy. */
function* oddAnswers(sent: readonly Sent[], policy: Policy): Iterable<string> {
  for (const { target, status, location } of sent) {
    const what = `${JSON.stringify(target.slice(0, 80))} got ${status}`
    if (![200, 308, 400, 403, 404, 505].includes(status)) yield what
    if (status === 308 && policy !== 'redirect') yield what
    if (status === 308 && !/^\/(?![/\\])[\x21-\x7e]*$/.test(location ?? '')) yield `${what} to ${location}`
  }
}

/** The targets that were forwarded, in the order they were sent. */
function forwarded(sent: readonly Sent[]): string[] {
  return sent.filter(({ status }) => status === 200).map(({ target }) => target)
}

for (const policy of POLICIES) {
  test(`no spelling gets past a guarded route with the path policy '${policy}'`, async (t) => {
    const here = await site(t, policy, refuse)
    const logged = new Map<string, string>()
    const destination = {
      write(line: string) {
        const { request_id, path } = JSON.parse(line)
        logged.set(request_id, path)
      }
    }
    const { gateway: started, port } = await startGateway(t, here.config, { accessLog: { destination } })
    const sent = await attack(port)
    await started.close()
    assert.deepEqual([...oddAnswers(sent, policy)], [])
    assert.deepEqual([...escapes(here, logged)], [])
    const ok = forwarded(sent)
    assert.deepEqual(
      PLAIN_SPELLINGS.filter((target) => !ok.includes(target)),
      []
    )
    assert.equal(ok.length, here.pub.requests.length + here.rest.requests.length)
    assert.ok(sent.filter(({ status }) => status === 403).length >= 8)
  })

  test(`no spelling gets past a native guard by URL with the path policy '${policy}'`, async (t) => {
    const here = await site(t, policy, undefined)
    const app = fastify()
    app.addHook('onRequest', async function guard(request, reply) {
      if (isAdmin(request)) return reply.code(403).send('guarded')
    })
    await attackApp(t, app, here, policy)
  })

  test(`no spelling gets past natively guarded routes with the path policy '${policy}'`, async (t) => {
    const here = await site(t, policy, undefined)
    const app = fastify()
    app.register(
      async function admin(scope) {
        scope.addHook('onRequest', async (_request, reply) => reply.code(403).send('guarded'))
        for (const url of ['/', '/*']) scope.all(url, () => 'never')
      },
      { prefix: '/admin' }
    )
    await attackApp(t, app, here, policy)
  })
}

function isAdmin({ url }: FastifyRequest): boolean {
  return /^\/admin(?:[/?]|$)/.test(url)
}

async function attackApp(t: TestContext, app: FastifyInstance, here: Site, policy: Policy): Promise<void> {
  t.after(() => app.close())
  await app.register(gateway, here.config)
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const sent = await attack(Number(new URL(url).port))
  assert.deepEqual([...oddAnswers(sent, policy)], [])
  assert.deepEqual([...escapes(here)], [])
  assert.equal(forwarded(sent).length, here.pub.requests.length + here.rest.requests.length)
  assert.ok(here.pub.requests.length >= 10 && here.rest.requests.length >= 4)
}

test('a redirect to the canonical path never leads to another site', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    paths: { policy: 'redirect', duplicateSlashes: 'keep' }
  })
  for (const target of [
    '//evil.test/..',
    '//evil.test/a/..',
    '/\\evil.test/x',
    '/.//evil.test',
    '/a/..//evil.test/.'
  ])
    assert.deepEqual(await send(port, target), { target, status: 400, location: undefined })
  assert.equal((await send(port, '/a/../b')).location, '/b')
  assert.equal(upstream.requests.length, 0)
})

test('what some upstreams take for the same name is another path here, and is forwarded as it came', async (t) => {
  const here = await site(t, 'reject', refuse)
  const { port } = await startGateway(t, here.config)
  const targets = [
    '/ADMIN/x',
    '/Admin',
    '/admin;a=b/x',
    '/admin./x',
    '/admin%20/x',
    '/admin%3Bx',
    '/administrator'
  ]
  for (const target of targets) assert.equal((await send(port, target)).status, 200, target)
  assert.deepEqual(
    here.rest.requests.map(({ target }) => target),
    targets
  )
  assert.equal(here.admin.requests.length, 0)
})
