import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { testCertificates, virtualTime } from '@gatewright/testing'
import {
  ConfigFileError,
  type ConfigPlaces,
  file,
  type HttpSourceOptions,
  http,
  type LoadedConfig,
  loadConfig,
  showSources,
  stream,
  type WatchOptions,
  watchConfig
} from './index.js'

const bounded = { timeout: 20_000 }

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const cwd = mkdtempSync(join(tmpdir(), 'gatewright-sources-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text)
  return cwd
}

/** A server of configurations: what it answers may change, and what it was asked is kept. */
async function configServer(t: TestContext, first: string | RequestListener) {
  const asked: IncomingMessage[] = []
  const events = new EventEmitter()
  let open = 0
  const served = {
    asked,
    answer: first,
    url: '',
    next: () => once(events, 'asked'),
    // A request that was made by now has arrived, been answered, and been read.
    async settled() {
      await new Promise((resolve) => setTimeout(resolve, 3))
      while (open > 0) await once(events, 'asked')
      await turns()
    }
  }
  const server = createServer((request, response) => {
    asked.push(request)
    open++
    const { answer } = served
    if (typeof answer === 'function') answer(request, response)
    else sendText(answer, request, response)
    response.once('close', () => {
      open--
      events.emit('asked')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  served.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return served
}

function sendText(text: string, request: IncomingMessage, response: ServerResponse): void {
  const etag = `"${text.length}-${text.slice(0, 40).replace(/[^\w]/g, '')}"`
  if (request.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end()
  else response.writeHead(200, { etag, 'content-length': Buffer.byteLength(text) }).end(text)
}

const policy = (id: string): string => `policies: { ${id}: {} }\n`
const idsOf = ({ config }: LoadedConfig): string => Object.keys(config.policies ?? {}).join()

async function problemsOf(places: ConfigPlaces): Promise<string[]> {
  const error = await loadConfig(places, { env: {}, deadlineMs: 2_000 }).catch((thrown) => thrown)
  assert.ok(error instanceof ConfigFileError, String(error))
  return error.problems.map(({ message, position }) =>
    position === undefined ? message : `${position.line}:${position.column} ${message}`
  )
}

/** A configuration that is watched, on virtual time; changes of it by their ids, errors by their first lines. */
async function watched(t: TestContext, places: ConfigPlaces, options: Partial<WatchOptions> = {}) {
  const time = virtualTime()
  const seen: string[] = []
  const events = new EventEmitter()
  const { clock, timers } = time
  const seams = { clock, timers, chance: () => 0.5 }
  const from = await loadConfig(places, { ...options, env: {} })
  const watcher = watchConfig(places, {
    from,
    env: {},
    ...seams,
    onChange(loaded) {
      seen.push(`${idsOf(loaded)} by ${loaded.changed.join()}`)
      events.emit('seen')
    },
    onError({ message }) {
      seen.push(message.split('\n', 1)[0] ?? '')
      events.emit('seen')
    },
    ...options
  })
  const alive = setInterval(() => {}, 1_000)
  t.after(() => {
    watcher.close()
    clearInterval(alive)
  })
  const next = async (): Promise<string | undefined> => {
    if (seen.length === 0) await once(events, 'seen')
    return seen.shift()
  }
  return { watcher, time, next, seen }
}

async function turns(count = 20): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}

test('a later source goes over those in front of it: by names, ids, and whole keys', async (t) => {
  const cwd = folder(t, {
    'a.yaml': `pools: { a: { endpoints: [http://a] }, b: { endpoints: [http://b] } }
routes:
  - { id: one, path: /1, pool: a }
  - { path: /none, pool: a }
  - { id: two, path: /2, pool: a }
maxHeaders: 50
`,
    'b.yaml': `pools: { b: { endpoints: [http://other] }, c: { endpoints: [http://c] } }
routes:
  - { id: three, path: /3, pool: c }
  - { id: one, path: /one, pool: b }
  - { path: /none, pool: c }
maxHeaders: 60
`
  })
  const loaded = await loadConfig([file('a.yaml'), file('b.yaml')], { cwd })
  assert.deepEqual(loaded.config as object, {
    pools: {
      a: { endpoints: ['http://a'] },
      b: { endpoints: ['http://other'] },
      c: { endpoints: ['http://c'] }
    },
    routes: [
      { id: 'one', path: '/one', pool: 'b' },
      { path: '/none', pool: 'a' },
      { id: 'two', path: '/2', pool: 'a' },
      { id: 'three', path: '/3', pool: 'c' },
      { path: '/none', pool: 'c' }
    ],
    maxHeaders: 60
  })
  const at = (path: string) => `${loaded.locate(path)?.file}:${loaded.locate(path)?.line}`
  assert.deepEqual(
    ['routes[0].pool', 'routes[2]', 'routes[4]: x', 'pools.a', 'pools.b.endpoints[0]', 'maxHeaders'].map(at),
    ['b.yaml:4', 'a.yaml:5', 'b.yaml:5', 'a.yaml:1', 'b.yaml:1', 'b.yaml:6']
  )
  assert.deepEqual(loaded.sources, ['a.yaml', 'b.yaml'])
})

test('paths beside each other are one source, in which nothing stands twice', async (t) => {
  const cwd = folder(t, { 'a.yaml': policy('a'), 'b.yaml': policy('a') })
  await assert.rejects(loadConfig(['a.yaml', 'b.yaml'], { cwd }), /policies\.a: stands in a\.yaml:1 too/)
  assert.equal(idsOf(await loadConfig(['a.yaml', file('b.yaml')], { cwd })), 'a')
})

test('a URL is read as YAML, or as JSON by its type', bounded, async (t) => {
  const server = await configServer(t, (request, response) => {
    const isJson = request.url === '/x'
    const text = isJson ? '{ "policies": { "j": {} }, }' : policy('y')
    const type = isJson ? 'application/vnd.config+json' : 'application/yaml'
    response.writeHead(200, { 'content-type': type, 'content-length': text.length }).end(text)
  })
  assert.equal(idsOf(await loadConfig(`${server.url}/gateway.yaml`)), 'y')
  assert.match((await problemsOf(`${server.url}/x`))[0] ?? '', /^1:28 this is no JSON/)
  assert.deepEqual(server.asked[0]?.headers['accept-encoding'], 'identity')
})

test('a problem of a URL has its place, and the URL without its secrets', bounded, async (t) => {
  const server = await configServer(t, 'policies: [\n')
  const url = server.url.replace('http://', 'http://ada:hunter2@')
  const error = await loadConfig(`${url}/a.yaml?token=hunter2`).catch((thrown) => thrown)
  assert.match(error.message, /^http:\/\/\*\*\*@127\.0\.0\.1:\d+\/a\.yaml\?token=\*\*\*:2:1 {2}/)
  assert.doesNotMatch(error.message, /hunter2/)
  assert.equal(server.asked[0]?.headers.authorization, `Basic ${btoa('ada:hunter2')}`)
  assert.equal(server.asked[0]?.url, '/a.yaml?token=hunter2')
})

const REFUSED: readonly [what: string, answer: RequestListener, expected: RegExp][] = [
  ['another status', (_, response) => response.writeHead(503).end('x'), /: the server has answered 503$/],
  [
    'one that was not asked for',
    (_, response) => response.writeHead(304).end(),
    /: the server has answered 304$/
  ],
  [
    'a redirect elsewhere',
    (_, response) => response.writeHead(302, { location: 'http://other.test/x' }).end(),
    /: it is redirected to another origin, http:\/\/other\.test: use that URL$/
  ],
  [
    'a redirect in circles',
    (_, response) => response.writeHead(307, { location: '/again' }).end(),
    /: it is redirected more than 3 times$/
  ],
  [
    'a text without an end',
    (_, response) => {
      response.shouldKeepAlive = false
      response.useChunkedEncodingByDefault = false
      response.writeHead(200)
      response.end(policy('a'))
    },
    /: the response has neither Content-Length nor chunks: it may be cut off$/
  ],
  [
    'a text that is cut off',
    (_, response) => {
      response.writeHead(200, { 'content-length': 1_000 })
      response.write(policy('a'), () => response.destroy())
    },
    /: aborted$/
  ],
  [
    'chunks that are cut off',
    (_, response) => {
      response.writeHead(200)
      response.write(policy('a'), () => response.destroy())
    },
    /: aborted$/
  ],
  [
    'a coding',
    (_, response) => response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': 1 }).end('x'),
    /: it is encoded as gzip, which was not asked for$/
  ],
  [
    'nothing at all',
    (_, response) => response.writeHead(200, { 'content-length': 0 }).end(),
    /: the response is empty: \{\} is an empty configuration$/
  ],
  ['no answer', () => {}, /: no response within 2 s$/],
  [
    'an answer that drips',
    (_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write('# x\n'), 20)
      response.once('close', () => clearInterval(timer))
    },
    /: no response within 2 s$/
  ],
  [
    'a flood',
    (_, response) => {
      response.writeHead(200)
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(256 * 1024, ' '))) {}
      }
      response.on('drain', more)
      more()
    },
    /: (?:it is larger than 16 MiB|no response within 2 s)$/
  ],
  [
    'bytes',
    (_, response) => response.writeHead(200, { 'content-length': 2 }).end(Buffer.from([0xff, 0xfe])),
    /is UTF-16: save it as UTF-8$/
  ],
  [
    'references to this machine',
    (request, response) => sendText(`maxHeaders: \${HOME}\n`, request, response),
    /^1:13 references are looked up in files of this machine alone, unless the source says 'references: true'/
  ],
  [
    'includes',
    (request, response) => sendText('include: /etc/gateway.yaml\n', request, response),
    /^1:1 what does not come from a file includes no files$/
  ]
]
for (const [what, answer, expected] of REFUSED)
  test(`a server that answers with ${what} has no configuration`, bounded, async (t) => {
    const server = await configServer(t, answer)
    const [problem = ''] = await problemsOf(`${server.url}/a`)
    assert.match(problem, expected)
  })

test(
  'a redirect within the origin is followed; references are looked up where that is allowed',
  bounded,
  async (t) => {
    const server = await configServer(t, (request, response) => {
      if (request.url === '/a') response.writeHead(308, { location: '/b/' }).end()
      else sendText(`policies: { "\${NAME:-x}": {}, y: { text: "$\${X}\${NAME:-z}" } }\n`, request, response)
    })
    const source = http(`${server.url}/a`, { references: true, headers: { authorization: 'Bearer x' } })
    const { config } = await loadConfig(source, { env: {} })
    assert.deepEqual(config.policies as object, { '${NAME:-x}': {}, y: { text: `\${X}z` } })
    assert.deepEqual(
      server.asked.map(({ url, headers }) => [url, headers.authorization]),
      [
        ['/a', 'Bearer x'],
        ['/b/', 'Bearer x']
      ]
    )
  }
)

test('a server with TLS is known by its certificate', bounded, async (t) => {
  const { ca, server: own } = testCertificates
  const server = createTlsServer({ ...own }, (request, response) =>
    sendText(policy('tls'), request, response)
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close().closeAllConnections())
  const url = `https://localhost:${(server.address() as AddressInfo).port}/a`
  const through = (options: HttpSourceOptions) => problemsOf(http(url, options))
  assert.match((await through({}))[0] ?? '', /self-signed|unable to|SELF_SIGNED|certificate/)
  assert.match((await through({ tls: { ca, servername: 'other.test' } }))[0] ?? '', /altnames/)
  assert.equal(idsOf(await loadConfig(http(url, { tls: { ca } }))), 'tls')
  assert.equal(idsOf(await loadConfig(http(url, { tls: { insecureBecause: 'a test' } }))), 'tls')
})

test('wrong options of a URL are refused at once', () => {
  assert.throws(() => http('ftp://a/b'), /http:\/\/ or https:\/\//)
  assert.throws(() => http('http://a/b', { everyMs: 5 }), /everyMs must be at least 100 milliseconds/)
  assert.throws(() => http('https://a/b', { tls: { ca: 'ca.pem' } }), /tls\.ca: looks like a path/)
})

test('a URL is asked again by its ETag, and a change of it is given', bounded, async (t) => {
  const server = await configServer(t, policy('a'))
  const { time, next, seen } = await watched(t, http(server.url, { everyMs: 10_000 }))
  const ask = async () => {
    const asked = server.next()
    time.advance(10_000)
    await asked
  }
  await ask()
  await turns()
  assert.match(server.asked[1]?.headers['if-none-match'] ?? '', /^"/)
  assert.deepEqual(seen, [])
  server.answer = policy('bb')
  await ask()
  assert.equal(await next(), `bb by ${server.url}/`)
  server.answer = policy('bb')
  await ask()
  await turns()
  assert.deepEqual(seen, [])
})

test(
  'a source that is broken keeps its part, is told once, stale, and tried for ever',
  bounded,
  async (t) => {
    const server = await configServer(t, policy('remote'))
    const cwd = folder(t, { 'a.yaml': policy('a') })
    const { time, next, watcher, seen } = await watched(t, [file('a.yaml'), http(server.url)], { cwd })
    server.answer = (_, response) => response.writeHead(500).end()
    const waits: number[] = []
    let last = time.now()
    while (server.asked.length < 10) {
      time.advance(250)
      const { length } = server.asked
      await server.settled()
      if (server.asked.length === length) continue
      waits.push(Math.round((time.now() - last) / 1_000))
      last = time.now()
    }
    // After the first failure: three quarters of 1 s, 2 s, 4 s …, as chance takes a quarter off.
    assert.deepEqual(waits, [10, 1, 2, 3, 6, 12, 24, 45, 45])
    assert.match((await next()) ?? '', /: the server has answered 500$/)
    assert.deepEqual(seen, [])
    const [stale] = watcher.sources.filter(({ error }) => error !== null)
    assert.equal(stale?.name, `${server.url}/`)
    assert.ok((stale?.staleSeconds ?? 0) > 60, String(stale?.staleSeconds))
    server.answer = policy('again')
    while (seen.length === 0) {
      time.advance(1_000)
      await turns(3)
    }
    assert.equal(await next(), `a,again by ${server.url}/`)
    assert.deepEqual(
      watcher.sources.map(({ staleSeconds }) => staleSeconds),
      [0, 0]
    )
  }
)

test(
  'while one source is broken, changes of another are taken, with what the broken one said',
  bounded,
  async (t) => {
    const server = await configServer(t, policy('remote'))
    const cwd = folder(t, { 'a.yaml': policy('a') })
    const { next, watcher } = await watched(t, [file('a.yaml'), http(server.url)], { cwd, manual: true })
    server.answer = 'policies: ['
    writeFileSync(join(cwd, 'a.yaml'), policy('b'))
    await watcher.refresh()
    assert.match((await next()) ?? '', /^http:\/\/127/)
    assert.equal(await next(), 'b,remote by a.yaml')
  }
)

test('a part that is refused holds up no other source, and is stale', bounded, async (t) => {
  const cwd = folder(t, { 'a.yaml': policy('a'), 'b.yaml': policy('b') })
  const given: string[] = []
  const { watcher, next } = await watched(t, [file('a.yaml'), file('b.yaml')], {
    cwd,
    manual: true,
    async onChange(loaded) {
      given.push(idsOf(loaded))
      if (idsOf(loaded).includes('wrong')) throw new Error('wrong is refused')
    }
  })
  writeFileSync(join(cwd, 'a.yaml'), policy('wrong'))
  await watcher.refresh()
  assert.equal(await next(), 'wrong is refused')
  assert.deepEqual(
    watcher.sources.map(({ error }) => error),
    ['wrong is refused', null]
  )
  writeFileSync(join(cwd, 'b.yaml'), policy('bb'))
  given.length = 0
  await watcher.refresh()
  assert.ok(given.includes('a,bb'), given.join(' '))
})

test(
  'a stream gives one configuration after the other, and is opened again when it throws',
  bounded,
  async (t) => {
    let opened = 0
    const source = stream('mine', async function* () {
      opened++
      yield policy(`a${opened}`)
      yield { policies: { [`b${opened}`]: {} } }
      throw new Error('lost')
    })
    const { next, time, seen } = await watched(t, source)
    assert.equal(await next(), 'b1 by mine')
    assert.equal(await next(), 'mine: lost')
    await turns()
    assert.deepEqual([opened, seen], [1, []])
    time.advance(1_000)
    assert.equal(await next(), 'a2 by mine')
    assert.equal(await next(), 'b2 by mine')
  }
)

test('what a stream gives that is none, and one that ends at once, are problems', bounded, async () => {
  const of = (item: unknown) =>
    stream('s', async function* () {
      yield item as object
    })
  assert.deepEqual(await problemsOf(of(7)), ['s: what it gives must be a configuration, or its text'])
  assert.deepEqual(await problemsOf(of('a: [')), [
    '1:5 Flow sequence in block collection must be sufficiently indented and end with a ]'
  ])
  assert.deepEqual(await problemsOf(stream('s', async function* () {})), [
    's: it has ended without a configuration'
  ])
  const silent = stream('s', () => ({
    [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) })
  }))
  assert.deepEqual(await problemsOf(silent), ['s: nothing has come within 2 s'])
})

test('asking often to read again reads once more', bounded, async (t) => {
  const cwd = folder(t, { 'a.yaml': policy('a') })
  let given = 0
  const { watcher } = await watched(t, 'a.yaml', { cwd, manual: true, onChange: () => void given++ })
  await Promise.all(Array.from({ length: 100 }, () => watcher.refresh()))
  assert.equal(given, 2)
})

test('metrics show for how long a source is stale, and alert', bounded, async (t) => {
  const cwd = folder(t, { 'a.yaml': policy('a') })
  const { watcher, time } = await watched(t, 'a.yaml', { cwd, manual: true, onError: () => {} })
  const gateway = createGateway({ logger: false, metrics: { listener: 'app' } })
  t.after(() => gateway.close())
  await gateway.ready()
  showSources(gateway.app.gateway, watcher)
  const scraped = async () =>
    /^proxy_config_stale_seconds\{source="a\.yaml"\} (.*)$/m.exec(
      (await gateway.inject('/metrics')).body
    )?.[1]
  assert.equal(await scraped(), '0')
  writeFileSync(join(cwd, 'a.yaml'), 'policies: [')
  await watcher.refresh()
  time.advance(400_000)
  assert.equal(await scraped(), '400')
  assert.match((await gateway.inject('/metrics/rules.yml')).body, /GatewayConfigStale/)
})

test('nothing is asked for, and nothing told, once it is closed', bounded, async (t) => {
  const server = await configServer(t, (request, response) => {
    if (request.headers['if-none-match'] === undefined) sendText(policy('a'), request, response)
  })
  const { watcher, time, seen } = await watched(t, http(server.url))
  time.advance(10_000)
  while (server.asked.length < 2) await turns(1)
  watcher.close()
  await turns()
  time.advance(100_000)
  await turns()
  assert.equal(server.asked.length, 2)
  assert.deepEqual(seen, [])
  assert.equal(time.pending, 0)
})

test(
  'what servers and streams have said can be read again, whatever they say by then',
  bounded,
  async (t) => {
    const server = await configServer(t, policy('remote'))
    const cwd = folder(t, { 'a.yaml': policy('a') })
    const places = [
      file('a.yaml'),
      http(`${server.url}/x.json?token=1`),
      stream('s', async function* () {
        yield policy('s')
      })
    ]
    server.answer = '{ "policies": { "j": {} } }'
    const { record, config } = await loadConfig(places, { cwd })
    server.answer = (_, response) => response.destroy()
    writeFileSync(join(cwd, 'a.yaml'), '')
    const again = await loadConfig(places, { cwd, replay: JSON.parse(JSON.stringify(record)) })
    assert.deepEqual(again.config, config)
    assert.equal(idsOf(again), 'a,j,s')
  }
)
