import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'
import { startGateway } from '../support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`
const bounded = { timeout: 20_000 }

test('server-sent events reach the client one by one, as they are sent', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(crlf`GET / HTTP/1.1\nHost: a\nAccept: text/event-stream\nLast-Event-ID: 7\n\n`)
  const { request, respond } = await held
  assert.equal(request.header('last-event-id'), '7')
  const events = respond.stream({
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }
  })
  const { headers } = await client.head()
  assert.ok(headers.some(([name, value]) => name === 'content-type' && value === 'text/event-stream'))
  assert.ok(headers.some(([name, value]) => name === 'cache-control' && value === 'no-cache'))
  for (let n = 1; n <= 5; n++) {
    await events.write(`id: ${n}\ndata: event ${n}\n\n`)
    await client.until(`data: event ${n}\n\n`)
  }
  await events.end()
  const response = await client.response()
  assert.equal(response.text.match(/data: event \d\n\n/g)?.length, 5)
  assert.equal(response.complete, true)
})

test('the head of an answer reaches the client before its body begins', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const [framing, headers] of [
    ['chunked', {}],
    ['sized', { 'content-length': '4' }],
    ['sized', { 'content-length': '100000' }],
    ['close', {}]
  ] as const) {
    const held = upstream.hold()
    const client = await rawClient(port, { t })
    await client.write(GET)
    ;(await held).respond.stream({ framing, headers: { ...headers, 'x-early': '1' } })
    const { status, headers: received } = await client.head()
    assert.equal(status, 200)
    assert.ok(received.some(([name]) => name === 'x-early'))
    client.close()
  }
})

test('pieces of any body are passed on at once', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  for (const framing of ['chunked', 'sized'] as const) {
    const held = upstream.hold()
    const client = await rawClient(port, { t })
    await client.write(GET)
    const headers = { 'content-type': 'application/octet-stream' }
    const body = (await held).respond.stream({
      framing,
      headers: framing === 'sized' ? { ...headers, 'content-length': '9' } : headers
    })
    for (const piece of ['one', 'two', 'six']) {
      await body.write(piece)
      await client.until(piece)
    }
    await body.end()
    assert.equal((await client.response()).text, 'onetwosix')
  }
})

test('server-sent events outlive the total time limit', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, singlePool(upstream.url, {}, { timeout: '60ms' }))
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  const events = (await held).respond.stream({
    headers: { 'content-type': 'text/event-stream; charset=utf-8' }
  })
  await events.write('data: first\n\n')
  await client.until('first')
  // A later request that meets its limit shows that the limit of the events has passed.
  upstream.answers({ cut: 'before-head', end: 'silence' })
  assert.equal((await rawRequest(port, GET)).status, 504)
  await events.write('data: second\n\n')
  await client.until('second')
  await events.end()
  assert.equal((await client.response()).complete, true)
})

test('a request and its answer flow at the same time', bounded, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(crlf`POST / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n3\none\n`)
  const { request, respond } = await held
  const body = respond.stream()
  let sent = 'one'
  for (const piece of ['two', 'six']) {
    await request.received(sent.length)
    await body.write(`echo of ${sent}. `)
    await client.until(`echo of ${sent}. `)
    await client.write(crlf`3\n${piece}\n`)
    sent += piece
  }
  await client.write(crlf`0\n\n`)
  await request.finished
  await body.end()
  const response = await client.response()
  assert.equal(response.text, 'echo of one. echo of onetwo. ')
  assert.equal(String(request.body), 'onetwosix')
})
