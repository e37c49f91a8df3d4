import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { createGateway, type GatewayPluginOptions, gateway } from '@gatewright/gateway'
import { crlf, rawRequest } from '@gatewright/testing'
import { type FastifyInstance, type FastifyRequest, type FastifyServerOptions, fastify } from 'fastify'

const TRUSTED = ['127.0.0.1/32', '10.0.0.0/8']

const factsOf = ({ ip, protocol, host, hostname, port, exchange }: FastifyRequest) => ({
  ip,
  protocol,
  host,
  hostname,
  port,
  client: exchange?.ingress.client ?? null
})

type Facts = ReturnType<typeof factsOf>

/** What hooks of the app, of the gateway and handlers of both see, by who looks. */
class Seen {
  readonly facts: Record<string, Facts> = {}
  note(who: string) {
    return async (request: FastifyRequest) => {
      this.facts[who] = factsOf(request)
    }
  }
}

interface Started {
  readonly url: string
  readonly seen: Seen
}

const config = (seen: Seen, more: Partial<GatewayPluginOptions>) => ({
  routes: [
    { path: '/table', respond: { body: 'x' }, hooks: { onRequest: seen.note('hook of the gateway') } }
  ],
  ...more
})

function ownRoutes(app: FastifyInstance, seen: Seen): void {
  app.addHook('onRequest', seen.note('hook of the app'))
  app.get('/own', { onRequest: seen.note('hook of a route') }, async () => 'x')
}

const MODES: Record<string, (t: TestContext, more: Partial<GatewayPluginOptions>) => Promise<Started>> = {
  async createGateway(t, more) {
    const seen = new Seen()
    const built = createGateway({ logger: false, accessLog: false, ...config(seen, more) })
    built.register(async (app) => {
      ownRoutes(app, seen)
    })
    t.after(() => built.close())
    return { seen, url: await built.listen({ port: 0, host: '127.0.0.1' }) }
  },
  async 'the plugin'(t, more) {
    const seen = new Seen()
    const app = fastify()
    t.after(() => app.close())
    await app.register(gateway, config(seen, more))
    ownRoutes(app, seen)
    return { seen, url: await app.listen({ port: 0, host: '127.0.0.1' }) }
  }
}

const CLAIMS =
  'X-Forwarded-For: 6.6.6.6, 203.0.113.7:1234, 10.1.1.1\r\nX-Forwarded-Proto: HTTPS\r\nX-Forwarded-Host: shop.example:8443'

const BEHIND = {
  ip: '203.0.113.7',
  protocol: 'https',
  host: 'shop.example:8443',
  hostname: 'shop.example',
  port: 8443
}
const DIRECT = { ip: '127.0.0.1', protocol: 'http', host: 'a:1', hostname: 'a', port: 1 }

for (const [mode, start] of Object.entries(MODES)) {
  for (const [who, more, fields, expected] of [
    ['behind a trusted proxy', { trustedProxies: TRUSTED }, CLAIMS, BEHIND],
    [
      'behind a trusted proxy that sends Forwarded',
      { trustedProxies: TRUSTED, forwarded: 'rfc7239' },
      'X-Forwarded-For: 6.6.6.6\r\nForwarded: for=203.0.113.7;proto=https;host="shop.example:8443"',
      BEHIND
    ],
    ['of a trusted proxy itself', { trustedProxies: TRUSTED }, 'X-A: 1', DIRECT],
    ['of a stranger', { trustedProxies: ['192.0.2.0/24'] }, CLAIMS, DIRECT],
    ['with no proxy trusted', {}, CLAIMS, DIRECT]
  ] as readonly (readonly [string, Partial<GatewayPluginOptions>, string, typeof BEHIND])[])
    test(`with ${mode}, Fastify's facts about a client are the gateway's: ${who}`, async (t) => {
      const { url, seen } = await start(t, more)
      for (const path of ['/table', '/own'])
        await rawRequest(url, crlf`GET ${path} HTTP/1.1\nHost: a:1\n${fields}\n\n`)
      const { ip: client } = expected
      assert.deepEqual(seen.facts['hook of the gateway'], { ...expected, client })
      assert.deepEqual(seen.facts['hook of a route'], { ...expected, client: null })
      assert.deepEqual(seen.facts['hook of the app'], { ...expected, client: null })
    })
}

test("an app's own trustProxy decides, and is pointed out at the start", async (t) => {
  for (const [options, warnings] of [
    [{ trustProxy: '127.0.0.1' }, 1],
    [{}, 0]
  ] as readonly [FastifyServerOptions, number][]) {
    const lines: string[] = []
    const app = fastify({
      ...options,
      logger: { stream: { write: (line: string) => void lines.push(line) } }
    }) as unknown as FastifyInstance
    t.after(() => app.close())
    await app.register(gateway, { trustedProxies: TRUSTED })
    app.get('/own', async ({ ip }) => ip)
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const answer = await rawRequest(
      url,
      crlf`GET /own HTTP/1.1\nHost: a\nX-Forwarded-For: 203.0.113.7, 10.1.1.1\n\n`
    )
    assert.equal(answer.text, warnings === 1 ? '10.1.1.1' : '203.0.113.7')
    assert.equal(lines.filter((line) => line.includes('trustedProxies')).length, warnings)
  }
})
