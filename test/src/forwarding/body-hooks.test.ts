import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { lastRequest } from '../support/last-request.js'
import { startGateway } from '../support/start-gateway.js'

test('a body that a hook has read whole is forwarded unchanged, with its length', async (t) => {
  const upstream = await fakeUpstream(t)
  const read: unknown[] = []
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      preHandler: async ({ exchange }) => {
        read.push(String(await exchange?.buffer()))
        read.push(await exchange?.json())
      }
    }
  })
  const json = ' {"a": [1, 2]}\n'
  for (const framed of [
    `Content-Length: ${json.length}\r\n\r\n${json}`,
    `Transfer-Encoding: chunked\r\n\r\n${json.length.toString(16)}\r\n${json}\r\n0\r\n\r\n`
  ]) {
    await rawRequest(port, crlf`POST / HTTP/1.1\nHost: example.test\n${framed}`)
    const seen = await lastRequest(upstream)
    assert.equal(String(seen.body), json)
    assert.deepEqual(seen.headerAll('content-length'), [String(json.length)])
    assert.deepEqual(seen.headerAll('transfer-encoding'), [])
  }
  assert.deepEqual(read, [json, { a: [1, 2] }, json, { a: [1, 2] }])
})

test('with a buffering hook the upstream is not asked before the body is whole', {
  timeout: 20_000
}, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: { preHandler: async ({ exchange }) => void (await exchange?.buffer()) }
  })
  const client = await rawClient(port, { t })
  await client.write(crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: 8\n\nhalf`)
  // Another request goes through meanwhile: nothing but the missing half holds the first one back.
  await rawRequest(port, crlf`GET /other HTTP/1.1\nHost: example.test\n\n`)
  assert.deepEqual(
    upstream.requests.map(({ target }) => target),
    ['/other']
  )
  await client.write('rest')
  assert.equal((await client.response()).status, 200)
  assert.equal(String((await lastRequest(upstream)).body), 'halfrest')
})

test('a body that a hook replaces gets the right length', async (t) => {
  const upstream = await fakeUpstream(t)
  let replacement = ''
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      preHandler: async ({ exchange }) => {
        if (exchange === null) return
        await exchange.buffer()
        exchange.body = Buffer.from(replacement)
      }
    }
  })
  const client = await rawClient(port, { t })
  for (replacement of ['longer than before', 'x', '', 'h\u00e9'])
    for (const framed of [
      'Content-Length: 4\r\n\r\nbody',
      'Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n'
    ]) {
      await client.write(crlf`POST / HTTP/1.1\nHost: example.test\n${framed}`)
      assert.equal((await client.response()).status, 200)
      const seen = await lastRequest(upstream)
      assert.equal(String(seen.body), replacement)
      assert.deepEqual(seen.headerAll('content-length'), [String(Buffer.byteLength(replacement))])
    }
})

test('a hook may give a body to a request without one', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: {
      preHandler: async ({ exchange }) => {
        if (exchange !== null) exchange.body = Buffer.from('added')
      }
    }
  })
  for (const framed of ['\r\n', 'Content-Length: 0\r\n\r\n']) {
    await rawRequest(port, crlf`POST / HTTP/1.1\nHost: example.test\n${framed}`)
    const seen = await lastRequest(upstream)
    assert.equal(String(seen.body), 'added')
    assert.deepEqual(seen.headerAll('content-length'), ['5'])
  }
})

test('a body that a hook cannot read as JSON gets 400, and nothing is forwarded', async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url, {
    hooks: { preHandler: async ({ exchange }) => void (await exchange?.json()) }
  })
  for (const body of ['{', '{"__proto__": 1}', '']) {
    const response = await rawRequest(
      port,
      crlf`POST / HTTP/1.1\nHost: example.test\nContent-Length: ${body.length}\n\n${body}`
    )
    assert.equal(response.status, 400, body)
    assert.equal(JSON.parse(response.text).reason, 'request_rejected')
  }
  assert.equal(upstream.requests.length, 0)
})
