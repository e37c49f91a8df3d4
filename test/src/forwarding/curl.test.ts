import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { fakeUpstream, type SeenRequest } from '@gatewright/testing'
import { ensureCommand } from '../support/debian.js'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const bounded = { timeout: 200_000 }

interface Curl {
  /** Standard output of curl with these arguments; rejects when curl fails. */
  run(...args: string[]): Promise<{ stdout: string; stderr: string }>
  /** A path in a folder that is gone when the test ends. */
  file(name: string): string
}

async function curlFor(t: TestContext): Promise<Curl | null> {
  const command = await ensureCommand(t, 'curl')
  if (command === null) return null
  const folder = await mkdtemp(join(tmpdir(), 'gatewright-curl-'))
  t.after(() => rm(folder, { recursive: true }))
  const execute = promisify(execFile)
  return {
    run: (...args) => execute(command, ['-q', '-sS', '--noproxy', '*', '--max-time', '60', ...args]),
    file: (name) => join(folder, name)
  }
}

test('curl --data-binary waits for 100 Continue and gets it', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const upstream = await fakeUpstream(t)
  const { url } = await startGateway(t, singlePool(upstream.url, {}, { bodyLimit: '32MiB' }))
  const body = randomBytes(16 * 1024 ** 2)
  await writeFile(curl.file('body'), body)
  const { stdout, stderr } = await curl.run(
    '-v',
    ...['--expect100-timeout', '50', '--data-binary', `@${curl.file('body')}`],
    ...['-H', 'content-type: application/octet-stream', `${url}/a?b`]
  )
  assert.equal(stdout, 'ok')
  assert.match(
    stderr,
    /> Expect: 100-continue\r?\n[\s\S]*< HTTP\/1\.1 100 Continue\r?\n[\s\S]*< HTTP\/1\.1 200 OK/
  )
  const seen = await (upstream.requests[0] as SeenRequest).finished
  assert.equal(seen.method, 'POST')
  assert.deepEqual(seen.headerAll('content-length'), [String(body.length)])
  assert.ok(seen.body.equals(body))
})

test('curl sends nothing of a body that is refused', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const upstream = await fakeUpstream(t)
  const { url } = await startGateway(t, singlePool(upstream.url, {}, { bodyLimit: '1MiB' }))
  await writeFile(curl.file('body'), Buffer.alloc(4 * 1024 ** 2))
  const { stdout } = await curl.run(
    ...['--expect100-timeout', '50', '--data-binary', `@${curl.file('body')}`],
    ...['-o', curl.file('answer'), '-w', '%{http_code} %{size_upload}', url]
  )
  assert.equal(stdout, '413 0')
  assert.equal(upstream.requests.length, 0)
})

test('curl -I gets the headers of a HEAD', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const upstream = await fakeUpstream(t, { headers: { etag: '"1"' }, body: 'hello' })
  const { url } = await startGateway(t, upstream.url)
  const { stdout } = await curl.run('-I', url, url)
  assert.equal(stdout.match(/^HTTP\/1\.1 200 OK\r\n/gm)?.length, 2)
  assert.equal(stdout.match(/^content-length: 5\r\n/gm)?.length, 2)
  assert.deepEqual(
    upstream.requests.map(({ method }) => method),
    ['HEAD', 'HEAD']
  )
})

test('curl --http1.0 gets a chunked answer', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const upstream = await fakeUpstream(t, { body: ['one', 'two'], framing: 'chunked' })
  const { url } = await startGateway(t, upstream.url)
  const { stdout } = await curl.run('--http1.0', '-i', url)
  assert.match(stdout, /\r\n\r\nonetwo$/)
  assert.doesNotMatch(stdout, /transfer-encoding/i)
})

test('curl --compressed decodes what the upstream coded', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const text = 'hello '.repeat(10_000)
  const upstream = await fakeUpstream(t, { headers: { 'content-encoding': 'gzip' }, body: gzipSync(text) })
  const { url } = await startGateway(t, upstream.url)
  assert.equal((await curl.run('--compressed', url)).stdout, text)
  assert.match(upstream.requests[0]?.header('accept-encoding') ?? '', /gzip/)
})

test('curl -T uploads a file with its length, and standard input without', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const upstream = await fakeUpstream(t)
  const { url } = await startGateway(t, upstream.url)
  const body = randomBytes(2 * 1024 ** 2)
  await writeFile(curl.file('body'), body)
  await curl.run('-T', curl.file('body'), `${url}/sized`)
  await curl.run('-T', curl.file('body'), '-H', 'Transfer-Encoding: chunked', `${url}/chunked`)
  for (const [index, framing] of ['sized', 'chunked'].entries()) {
    const seen = await (upstream.requests[index] as SeenRequest).finished
    assert.equal(seen.method, 'PUT')
    assert.equal(seen.target, `/${framing}`)
    assert.equal(seen.framing, framing)
    assert.ok(seen.body.equals(body))
  }
})

test('curl -F sends a multipart form that arrives byte for byte', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const upstream = await fakeUpstream(t)
  const { url } = await startGateway(t, upstream.url)
  await writeFile(curl.file('file.bin'), Buffer.from([0, 255, 13, 10]))
  await curl.run('-F', 'name=value', '-F', `file=@${curl.file('file.bin')}`, url)
  const seen = await (upstream.requests[0] as SeenRequest).finished
  const boundary = /^multipart\/form-data; boundary=(.+)$/.exec(seen.header('content-type') ?? '')?.[1]
  const text = seen.body.toString('latin1')
  assert.ok(text.startsWith(`--${boundary}\r\n`) && text.endsWith(`\r\n--${boundary}--\r\n`))
  assert.match(text, /name="name"\r\n\r\nvalue\r\n/)
  assert.ok(text.includes('\r\n\r\n\x00\xff\r\n\r\n'))
})

test('curl -L follows a redirect that the gateway passed on', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const upstream = await fakeUpstream(t, ({ target }) =>
    target === '/old' ? { status: 302, headers: { location: '/new' } } : { body: `at ${target}` }
  )
  const { url } = await startGateway(t, upstream.url)
  assert.equal((await curl.run('-L', `${url}/old`)).stdout, 'at /new')
})

test('curl downloads a large file whole', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const body = randomBytes(32 * 1024 ** 2)
  const upstream = await fakeUpstream(t, { body })
  const { url } = await startGateway(t, upstream.url)
  await curl.run('-o', curl.file('got'), url)
  assert.ok((await readFile(curl.file('got'))).equals(body))
})

test('curl asks for QUERY with a body', bounded, async (t) => {
  const curl = await curlFor(t)
  if (curl === null) return
  const upstream = await fakeUpstream(t)
  const { url } = await startGateway(t, upstream.url)
  await curl.run('-X', 'QUERY', '--json', '{"a":1}', url)
  const seen = await (upstream.requests[0] as SeenRequest).finished
  assert.equal(seen.method, 'QUERY')
  assert.equal(String(seen.body), '{"a":1}')
})
