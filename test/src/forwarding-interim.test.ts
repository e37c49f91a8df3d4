import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, rawClient, rawRequest } from '@gatewright/testing'
import { startGateway } from './support/start-gateway.js'

const GET = crlf`GET / HTTP/1.1\nHost: example.test\n\n`

test('102 and 103 are relayed in order, and their headers do not leak into the answer', async (t) => {
  const upstream = await fakeUpstream(t, {
    interim: [
      { status: 102 },
      {
        status: 103,
        headers: [
          ['Link', '</a.css>; rel=preload'],
          ['X-Hint', '1']
        ]
      },
      { status: 103, headers: [['link', '</b.js>; rel=preload; as=script']] }
    ],
    headers: { 'x-final': '1' },
    body: 'done'
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, GET)
  assert.deepEqual(
    response.interim.map(({ status, headers }) => [status, headers]),
    [
      [102, []],
      [
        103,
        [
          ['Link', '</a.css>; rel=preload'],
          ['x-hint', '1']
        ]
      ],
      [103, [['Link', '</b.js>; rel=preload; as=script']]]
    ]
  )
  assert.equal(response.text, 'done')
  assert.equal(response.header('link'), undefined)
  assert.equal(response.header('x-hint'), undefined)
  assert.equal(response.header('x-final'), '1')
})

test('an interim answer is relayed at once, while the final one is awaited', {
  timeout: 20_000
}, async (t) => {
  const upstream = await fakeUpstream(t)
  const { port } = await startGateway(t, upstream.url)
  const held = upstream.hold()
  const client = await rawClient(port, { t })
  await client.write(GET)
  const { respond } = await held
  respond.interim(103, { link: '</a.css>; rel=preload' })
  await client.until('103 Early Hints')
  await respond.answer({ body: 'done' })
  assert.equal((await client.response()).text, 'done')
})

test('an HTTP/1.0 client gets no interim answers', async (t) => {
  const upstream = await fakeUpstream(t, {
    interim: [{ status: 103, headers: { link: '</a.css>; rel=preload' } }],
    body: 'done'
  })
  const { port } = await startGateway(t, upstream.url)
  const response = await rawRequest(port, crlf`GET / HTTP/1.0\n\n`)
  assert.deepEqual(response.interim, [])
  assert.equal(response.text, 'done')
})
