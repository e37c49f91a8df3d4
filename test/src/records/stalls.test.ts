import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crlf, fakeUpstream, gate, rawRequest } from '@gatewright/testing'
import { recordedGateway } from '../support/recorded-gateway.js'

const STOOD_MS = 300

test('an attempt that ran into its time limit says how long the gateway itself stood still', {
  timeout: 20_000
}, async (t) => {
  const upstream = await fakeUpstream(t, { after: gate() })
  const { port, line } = await recordedGateway(t, {
    pools: { app: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'app', timeouts: { firstByte: '400ms' } }]
  })
  const response = rawRequest(port, crlf`GET / HTTP/1.1\nHost: a\n\n`)
  await upstream.request(1)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STOOD_MS)
  assert.equal((await response).status, 504)
  const { attempts, reason } = await line(1)
  assert.equal(reason, 'upstream_timeout')
  const { stalled_ms = 0, ms } = attempts?.[0] ?? assert.fail()
  assert.ok(stalled_ms > STOOD_MS / 2 && stalled_ms <= ms, `${stalled_ms} of ${ms} ms`)
})
