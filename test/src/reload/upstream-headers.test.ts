import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeUpstream } from '@gatewright/testing'
import { reloading } from '../support/reloading.js'

const bounded = { timeout: 20_000 }

test(
  'what the gateway says of itself upstream and to clients follows the configuration',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const { url, change } = await reloading(t, {
      pools: { api: { endpoints: [upstream.url] } },
      routes: [{ path: '/*', pool: 'api', timeouts: { total: '10s' } }]
    })
    const ask = async () => {
      const { headers } = await fetch(url)
      const seen = upstream.requests.at(-1)
      const has = (...names: string[]) => names.map((name) => seen?.header(name) !== undefined)
      return { headers, seen, has }
    }
    const first = await ask()
    assert.deepEqual(first.has('x-forwarded-for', 'forwarded', 'via', 'x-request-id', 'x-left', 'x-id'), [
      true,
      false,
      false,
      true,
      false,
      false
    ])
    assert.equal(first.headers.get('via'), null)
    await change({ forwarded: 'rfc7239', via: 'edge', requestIdHeader: 'x-id', deadlineHeader: 'x-left' })
    const second = await ask()
    assert.deepEqual(second.has('x-forwarded-for', 'forwarded', 'via', 'x-request-id', 'x-left', 'x-id'), [
      false,
      true,
      true,
      false,
      true,
      true
    ])
    assert.equal(second.seen?.header('via'), '1.1 edge')
    assert.equal(second.headers.get('via'), '1.1 edge')
    assert.equal(second.headers.get('x-id'), second.seen?.header('x-id'))
    await change({ forwarded: 'none' })
    assert.deepEqual((await ask()).has('x-forwarded-for', 'forwarded', 'via', 'x-id'), [
      false,
      false,
      false,
      false
    ])
  }
)

test(
  'all attempts and the answer of a request speak by the configuration that it began with',
  bounded,
  async (t) => {
    const upstream = await fakeUpstream(t)
    const held = upstream.hold()
    const { url, change } = await reloading(t, {
      via: 'old',
      requestIdHeader: 'x-old-id',
      pools: { api: { endpoints: [upstream.url] } },
      routes: [{ path: '/*', pool: 'api', retry: { attempts: 2 } }]
    })
    const running = fetch(url)
    const { respond } = await held
    await change({ via: 'new', requestIdHeader: 'x-new-id', forwarded: 'none' })
    await respond.answer({ status: 503 })
    const { status, headers } = await running
    const second = await upstream.request(2)
    assert.deepEqual([status, headers.get('via')], [200, '1.1 old'])
    assert.deepEqual([second.header('via'), second.header('x-new-id')], ['1.1 old', undefined])
    assert.equal(second.header('x-old-id'), headers.get('x-old-id'))
    assert.ok(second.header('x-forwarded-for'))
  }
)
