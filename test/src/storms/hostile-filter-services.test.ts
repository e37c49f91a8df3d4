import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { FiltersConfig } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { startFilterProcess } from '../support/filter-process.js'
import type { HostileFilterMode } from '../support/hostile-filter.js'
import { startGateway } from '../support/start-gateway.js'

const TIMEOUT_MS = 400
/** What a call may take beside its time, on a busy machine. */
const SLACK_MS = 4_000

type Filter = Exclude<FiltersConfig, false>[number]

/** A gateway before a service in a process of its own: `/closed` and `/open` are asked about by `failMode`. */
async function guarded(t: TestContext, options: object = {}) {
  const service = await startFilterProcess(t)
  const upstream = await fakeUpstream(t)
  const common = {
    type: 'ext_authz',
    name: 'authz',
    target: service.url,
    timeout: `${TIMEOUT_MS}ms`,
    breaker: false,
    ...options
  }
  const { url, gateway } = await startGateway(t, {
    pools: { api: { endpoints: [upstream.url] } },
    routes: (['closed', 'open'] as const).map((failMode) => ({
      id: failMode,
      path: `/${failMode}`,
      pool: 'api',
      filters: [{ ...common, failMode }] as Filter[]
    }))
  })
  const ask = async (path: string, init: RequestInit = {}): Promise<number> => {
    const begun = performance.now()
    const response = await fetch(url + path, init)
    await response.arrayBuffer()
    const ms = performance.now() - begun
    assert.ok(ms < TIMEOUT_MS + SLACK_MS, `it took ${ms} ms`)
    return response.status
  }
  return {
    service,
    upstream,
    gateway,
    ask,
    targets: () => gateway.app.filters.targets(),
    async recovers(): Promise<void> {
      const patience = performance.now() + 30_000
      while ((await ask('/closed')) !== 200) {
        assert.ok(performance.now() < patience, 'it is not asked again')
        await wait(50)
      }
    }
  }
}

const FAILS: readonly HostileFilterMode[] = [
  'silence',
  'hangUp',
  'reset',
  'halfClose',
  'garbage',
  'headersOnly',
  'noStatus',
  'noStatusAtAll',
  'trailersOnlyOk',
  'trailersOnlyError',
  'statusNoNumber',
  'statusTwice',
  'emptyMessageBehind',
  'cutOff',
  'twoMessages',
  'compressed',
  'noMessageFormat',
  'tooLong',
  'saysTooLong',
  'html',
  'http502',
  'http200NoType',
  'noHttpStatus',
  'upperCaseFields',
  'manyFields',
  'longFields',
  'badCompression',
  'dataBeforeHead',
  'otherStream',
  'push',
  'continuation',
  'windowOverflow',
  'frameTooLong',
  'settingsFlood',
  'pingFlood',
  'emptyData',
  'drip',
  'goawayUnseen',
  'goawayUnseenError',
  'goawaySilent',
  'goawayError',
  'refused',
  ...Array.from({ length: 15 }, (_, code) => `rst:${code}` as const),
  'rst:4294967295'
]

test('whatever a service does that is no answer: failMode decides, in time, and it is asked again', async (t) => {
  const { service, upstream, ask, recovers, targets } = await guarded(t, { maxMessage: '10KiB' })
  for (const mode of FAILS) {
    await service.does(mode)
    const before = upstream.requests.length
    const statuses = await Promise.all([ask('/closed'), ask('/open')])
    assert.deepEqual(statuses, [503, 200], mode)
    assert.equal(upstream.requests.length, before + 1, mode)
    await service.does('allow')
    await recovers()
    assert.equal(targets()[0]?.waiting, 0, mode)
  }
  while (targets()[0]?.connections !== 1) await wait(20)
})

test('what is an answer is one, however it comes', async (t) => {
  const { service, upstream, ask } = await guarded(t)
  for (const [mode, status] of [
    ['allow', 200],
    ['deny', 403],
    ['unknownFrames', 200],
    ['goawaySeen', 200],
    ['allow', 200],
    ['goawayNotYet', 200],
    ['oneAtATime', 200],
    ['unread', 200],
    ['allow', 200]
  ] as const) {
    await service.does(mode)
    const before = upstream.requests.length
    assert.deepEqual(await Promise.all([ask('/closed'), ask('/open')]), [status, status], mode)
    assert.equal(upstream.requests.length, before + (status === 200 ? 2 : 0), mode)
  }
})

test('an answer that comes before the whole question is read counts', async (t) => {
  const { service, ask } = await guarded(t, { body: { maxBytes: '1MiB', raw: true } })
  await service.does('unread')
  for (let i = 0; i < 3; i++)
    assert.equal(await ask('/closed', { method: 'POST', body: Buffer.alloc(300_000) }), 200)
})

for (const mode of ['garbageAtOnce', 'closeAtOnce', 'silentConnection', 'none'] as const)
  test(`a connection that is of no use fails calls in time, and is made again: ${mode}`, async (t) => {
    const { service, ask, recovers } = await guarded(t)
    await service.does('hangUp')
    assert.equal(await ask('/closed'), 503)
    await service.does(mode)
    for (let i = 0; i < 3; i++)
      assert.deepEqual(await Promise.all([ask('/closed'), ask('/open')]), [503, 200])
    await service.does('allow')
    await recovers()
  })

test('one call at a time is one call at a time, and all are answered', async (t) => {
  const { service, ask } = await guarded(t, { timeout: '20s' })
  await service.does('oneAtATime')
  assert.equal(await ask('/closed'), 200)
  const statuses = await Promise.all(Array.from({ length: 100 }, () => ask('/closed')))
  assert.deepEqual(new Set(statuses), new Set([200]))
})

test('calls that the server has not looked at when it said goodbye are sent again, and none is lost', async (t) => {
  const { service, ask } = await guarded(t, { timeout: '20s' })
  for (const mode of [
    'goawayUnseen',
    'goawayUnseenError',
    'refused',
    'goawaySeen',
    'goawayNotYet'
  ] as const) {
    assert.equal(await ask('/closed'), 200)
    await service.does(`once:${mode}`)
    const before = service.calls
    const statuses = await Promise.all(Array.from({ length: 20 }, () => ask('/closed')))
    assert.deepEqual(new Set(statuses), new Set([200]), mode)
    assert.ok(service.calls - before >= 20)
  }
})

test('a dead connection is found within seconds of the last answer, also where one was just found alive', async (t) => {
  const { service, ask, recovers } = await guarded(t)
  for (let round = 0; round < 3; round++) {
    await service.does('once:silence')
    assert.equal(await ask('/closed'), 503)
    assert.equal(await ask('/closed'), 200)
    await service.does('once:badCompression')
    assert.equal(await ask('/closed'), 503)
    const begun = performance.now()
    await recovers()
    assert.ok(performance.now() - begun < 4_000, `${performance.now() - begun} ms`)
  }
})

test('killed while calls are under way: they fail by failMode, and once it is back all pass', async (t) => {
  const { service, upstream, ask, recovers } = await guarded(t)
  for (let round = 0; round < 3; round++) {
    await service.does('silence')
    const under = Array.from({ length: 40 }, (_, n) => ask(n % 2 === 0 ? '/closed' : '/open'))
    await service.call()
    await service.does('die')
    const before = upstream.requests.length
    const more = [ask('/closed'), ask('/open')]
    await service.ended()
    const statuses = await Promise.all([...under, ...more])
    assert.ok(
      statuses.every((status, n) => status === (n % 2 === 0 ? 503 : 200)),
      statuses.join()
    )
    assert.ok(upstream.requests.length - before <= 21)
    // Nobody listens.
    assert.deepEqual(await Promise.all([ask('/closed'), ask('/open')]), [503, 200])
    await service.start()
    await recovers()
  }
})

test('held by SIGSTOP: calls end in time, its connection is given up, and once it goes on all pass', async (t) => {
  const { service, ask, recovers, targets } = await guarded(t)
  assert.equal(await ask('/closed'), 200)
  await service.signal('SIGSTOP')
  const begun = performance.now()
  while (performance.now() - begun < 3_000)
    assert.deepEqual(await Promise.all([ask('/closed'), ask('/open')]), [503, 200])
  assert.ok((targets()[0]?.connections ?? 0) <= 2, `${targets()[0]?.connections}`)
  await service.signal('SIGCONT')
  await recovers()
})
