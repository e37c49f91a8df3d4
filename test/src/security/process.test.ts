import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import {
  type FakeResponse,
  fakeUpstream,
  type RawClient,
  rawClient,
  rawRequest,
  type Script
} from '@gatewright/testing'
import type { Closing, Started } from '../support/attacked-gateway.js'

const SCRIPT = fileURLToPath(new URL('../support/attacked-gateway.js', import.meta.url))

/** A gateway in a process of its own. */
interface Child extends Started {
  readonly process: ChildProcess
  /** What it has written so far. */
  output(): string
}

async function startChild(t: TestContext, upstream: string): Promise<Child> {
  const child = fork(SCRIPT, [upstream], { silent: true, execArgv: [] })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const died = once(child, 'exit').then(() => Promise.reject(new Error(`it ended at once:\n${output}`)))
  died.catch(() => {})
  const [started] = (await Promise.race([once(child, 'message'), died])) as [Started]
  return { ...started, process: child, output: () => output }
}

/** Ends it in order, and checks that nothing was left over and nothing said. */
async function assertSound({ process: child, port, output }: Child): Promise<void> {
  assert.equal(child.exitCode, null, output())
  const response = await rawRequest(port, 'GET /fine HTTP/1.1\r\nHost: a\r\n\r\n')
  assert.equal(response.status, 200)
  assert.equal(response.text, 'fine')
  const [closed, exited] = [once(child, 'message'), once(child, 'exit')]
  child.send('close')
  const [{ inFlight }] = (await closed) as [Closing]
  assert.equal(inFlight, 0)
  assert.deepEqual(await exited, [0, null])
  assert.equal(output(), '')
}

const raw = (bytes: string): FakeResponse => ({ raw: bytes, end: 'close' })

const CUTS = (['before-head', 'mid-head', 'after-head', 'mid-body', 'before-end'] as const).flatMap((cut) =>
  (['close', 'reset', 'silence'] as const).flatMap((end): FakeResponse[] => [
    { body: 'whole body', cut, end },
    { body: ['whole', 'body'], framing: 'chunked', cut, end },
    { body: Buffer.alloc(200_000), cut, end }
  ])
)

const NONSENSE = [
  '',
  '\r\n\r\n',
  'garbage\r\n\r\n',
  '\x16\x03\x01\x02\x00',
  'HTTP/1.1\r\n\r\n',
  'HTTP/1.1 888 Odd\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 999 Odd\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 1000 Odd\r\n\r\n',
  'HTTP/1.1 000 None\r\n\r\n',
  'HTTP/1.1 099 Low\r\n\r\n',
  'HTTP/1.1 abc Letters\r\n\r\n',
  'HTTP/1.1 200 O\x01\x1bK\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 200 Caf\xe9 \xff\r\ncontent-length: 2\r\n\r\nok',
  `HTTP/1.1 200 ${'long'.repeat(2_000)}\r\ncontent-length: 2\r\n\r\nok`,
  'HTTP/2.0 200 OK\r\n\r\n',
  'HTTP/0.9 200 OK\r\n\r\n',
  'HTTP/1.0 200 OK\r\n\r\nuntil the end',
  'ICY 200 OK\r\n\r\n',
  'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nbytes',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  `${'HTTP/1.1 102 Processing\r\n\r\n'.repeat(50)}HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n`,
  'HTTP/1.1 103 Early Hints\r\nlink: nonsense\r\nlink: \xff\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n',
  'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
  'HTTP/1.1 200 OK\r\nna me: x\r\n\r\n',
  'HTTP/1.1 200 OK\r\nx: \x00\r\n\r\n',
  'HTTP/1.1 200 OK\r\nx: y\r\n folded\r\ncontent-length: 0\r\n\r\n',
  `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`,
  `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(3_000)}content-length: 0\r\n\r\n`,
  'HTTP/1.1 200 OK\r\ncontent-type: a\r\ncontent-type: ;\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\r\ncontent-type: a\r\ncontent-type: /\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\r\ncontent-type:\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\r\n__proto__: a\r\n__proto__: b\r\nconstructor: c\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\r\nconnection: content-length, content-type, date\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\nok',
  'HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\nok',
  'HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999\r\n\r\nok',
  'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nmore than that',
  'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nless',
  'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\nok',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nok\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok!\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nbad trailer\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntrailer: x\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: \xff\r\ncontent-length: 5\r\n\r\n',
  'HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
  'HTTP/1.1 304 Not Modified\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 205 Reset Content\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.1 302 Found\r\nlocation: \xff\xfe//\r\ncontent-length: 0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
].map(raw)

/** Answers while the request is still being sent, and then leaves. */
const EARLY: readonly Script[] = (['keep', 'close', 'reset', 'silence'] as const).flatMap(
  (end): FakeResponse[] => [
    { early: true, end, body: 'early' },
    { early: true, end, status: 413, body: Buffer.alloc(200_000) },
    { early: true, end, framing: 'chunked', cut: 'mid-body', body: ['a', 'b'] }
  ]
)

const head = (method: string, path: string, lines = ''): string =>
  `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${lines}\r\n`

const REQUESTS: readonly ((path: string) => string)[] = [
  (path) => head('GET', path),
  (path) => head('HEAD', path, 'TE: trailers\r\n'),
  (path) => `${head('POST', path, 'Content-Length: 10\r\n')}0123456789`,
  (path) => `${head('POST', path, 'Transfer-Encoding: chunked\r\n')}a\r\n0123456789\r\n0\r\n\r\n`
]

type Way = (client: RawClient, request: string) => Promise<unknown>

/** What clients do: read to the end, leave at some point, or send nonsense in the middle. */
const WAYS: readonly Way[] = [
  async (client, request) => {
    await client.write(request)
    await client.closed
  },
  async (client, request) => {
    await client.write(request.slice(0, -3))
    client.reset()
  },
  async (client, request) => {
    await client.write(request)
    client.reset()
  },
  async (client, request) => {
    await client.write(request)
    client.end()
    await client.closed
  },
  async (client, request) => {
    await client.write(request)
    await Promise.race([client.until('HTTP/1.1 ').catch(() => {}), client.closed])
    client.reset()
  },
  async (client, request) => {
    await client.write(`${request.slice(0, -3)}\0\0\0`)
    await client.closed
  },
  async (client, request) => {
    await client.write(`${request}\0nonsense\r\n\r\n${request}`)
    await client.closed
  }
]

async function attack(port: number, way: Way, request: string): Promise<void> {
  const client = await rawClient(port)
  try {
    await way(client, request)
  } finally {
    client.close()
  }
}

async function attackEveryWay(port: number, path: string): Promise<void> {
  await Promise.all(REQUESTS.flatMap((request) => WAYS.map((way) => attack(port, way, request(path)))))
}

test('no answer of an upstream, and no client that leaves over it, ends the process', {
  timeout: 120_000
}, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'fine' })
  const child = await startChild(t, upstream.url)
  for (const script of [...CUTS, ...NONSENSE, ...EARLY]) {
    upstream.answers(script)
    await attackEveryWay(child.port, '/')
  }
  upstream.answers({ body: 'fine' })
  await assertSound(child)
  upstream.takeProblems()
})

test('no error in a hook, a handler, a policy or an observer ends the process', {
  timeout: 120_000
}, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'fine' })
  const child = await startChild(t, upstream.url)
  for (const path of child.paths) await attackEveryWay(child.port, path)
  await assertSound(child)
  upstream.takeProblems()
})

test('no upstream that comes and goes ends the process', { timeout: 120_000 }, async (t) => {
  const upstream = await fakeUpstream(t, { body: 'fine' })
  const child = await startChild(t, upstream.url)
  for (const welcome of ['close', 'reset', 'silence', 'serve'] as const) {
    upstream.welcome = welcome
    await attackEveryWay(child.port, '/')
  }
  await upstream.close()
  await attackEveryWay(child.port, '/')
  const again = await fakeUpstream(t, { body: 'fine' }, { port: upstream.port })
  again.breakReused(5, 'reset')
  await attackEveryWay(child.port, '/')
  again.breakReused(0)
  await assertSound(child)
  for (const one of [upstream, again]) one.takeProblems()
})
