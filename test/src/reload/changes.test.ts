import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, gate } from '@gatewright/testing'
import { reloading } from '../support/reloading.js'

const respond = (body: string) => [{ path: '/*', respond: { status: 200, body } }] as const

test('a change that is wrong tells all its problems, and nothing of it holds', async (t) => {
  const { gateway, url, change } = await reloading(t, { routes: respond('one') })
  const before = gateway.app.gateway.snapshot
  await assert.rejects(
    change({ pools: { a: {} as never }, routes: [{ path: 'x', pool: 'none' as never }] }),
    ({ code, message }: Error & { code?: string }) =>
      code === 'GW_CONFIG_INVALID' && /pools\.a: /.test(message) && /routes\[0\]\.path/.test(message)
  )
  assert.equal(gateway.app.gateway.snapshot, before)
  assert.equal(await (await fetch(url)).text(), 'one')
  await change({ routes: respond('two') })
  assert.equal(await (await fetch(url)).text(), 'two')
  assert.equal(gateway.app.gateway.snapshot.revision, 2)
})

test('a part that refuses a change leaves every other part as it was', async (t) => {
  const calls: string[] = []
  let wrong: 'throw' | 'reject' | 'problem' | null = null
  const { gateway, change } = await reloading(t, { routes: respond('one') }, (built) =>
    built.register(async ({ gateway: { changes } }) => {
      changes.push({
        name: 'first',
        prepare: (next) => ({
          commit: () => calls.push(`commit ${next.revision}`),
          retire: () => calls.push(`retire ${next.revision}`),
          abandon: () => calls.push(`abandon ${next.revision}`)
        })
      })
      changes.push({
        name: 'second',
        async prepare(_next, _previous, problems) {
          if (wrong === 'problem') problems.push('cache.size: must be less')
          if (wrong === 'reject') throw new Error('no disk')
          return undefined
        }
      })
      changes.push({
        name: 'third',
        prepare() {
          if (wrong === 'throw') throw new TypeError('not mine')
          return undefined
        }
      })
    })
  )
  assert.deepEqual(calls.splice(0), ['commit 1'])
  for (const [how, message] of [
    ['problem', /^[\s\S]*cache\.size: must be less/],
    ['reject', /^no disk$/],
    ['throw', /^not mine$/]
  ] as const) {
    wrong = how
    const before = gateway.app.gateway.snapshot
    await assert.rejects(change({ routes: respond('two') }), { message })
    assert.deepEqual(calls.splice(0), ['abandon 2'], how)
    assert.equal(gateway.app.gateway.snapshot, before)
  }
  wrong = null
  await gateway.app.gateway.apply(undefined, { dryRun: true })
  assert.deepEqual(calls.splice(0), ['abandon 2'])
  await change({ routes: respond('two') })
  assert.deepEqual(calls.splice(0), ['commit 2', 'retire 2'])
})

test('changes are made one after another, in the order in which they were asked for', async (t) => {
  const held = gate()
  const { gateway, url, change } = await reloading(t, { routes: respond('one') }, (built) =>
    built.register(async ({ gateway: { changes } }) => {
      changes.push({
        name: 'slow',
        async prepare(next) {
          if (next.revision === 2) await held
          return undefined
        }
      })
    })
  )
  const all = [
    change({ routes: respond('two') }),
    change({ routes: 'x' as never }),
    change({ routes: respond('three') })
  ]
  assert.equal(await (await fetch(url)).text(), 'one')
  held.open()
  const ended = await Promise.allSettled(all)
  assert.deepEqual(
    ended.map(({ status }) => status),
    ['fulfilled', 'rejected', 'fulfilled']
  )
  assert.equal(await (await fetch(url)).text(), 'three')
  assert.equal(gateway.app.gateway.snapshot.revision, 3)
})

test('what belonged to a configuration is given up when its last request has ended, oldest first', async (t) => {
  const upstream = await fakeUpstream(t, async (_request, answer) => {
    await held.shift()
    answer.answer({ body: 'done' })
  })
  const gates = [gate(), gate()] as const
  const held: PromiseLike<unknown>[] = [...gates]
  const retired: number[] = []
  const config: GatewayServerConfig = {
    pools: { api: { endpoints: [upstream.url] } },
    routes: [{ path: '/*', pool: 'api' }]
  }
  const { gateway, url, change } = await reloading(t, config, (built) =>
    built.register(async ({ gateway: { changes } }) => {
      changes.push({ name: 'mine', prepare: (next) => ({ retire: () => retired.push(next.revision) }) })
    })
  )
  const first = fetch(`${url}/1`)
  await upstream.request(1)
  await change({ via: 'two' })
  const second = fetch(`${url}/2`)
  await upstream.request(2)
  await change({ via: 'three' })
  assert.deepEqual([retired, gateway.app.gateway.retiring], [[], 2])
  gates[1].open()
  assert.equal(await (await second).text(), 'done')
  assert.deepEqual(retired, [], 'the first one may use what the second one has')
  gates[0].open()
  assert.equal(await (await first).text(), 'done')
  await gateway.app.gateway.apply()
  assert.deepEqual([retired, gateway.app.gateway.retiring], [[2, 3, 4], 0])
})

test('steps that a part adds to routes run in their places, and explain tells them', async (t) => {
  const log: string[] = []
  const step = (
    name: string,
    place: 'arrival' | 'policy' | 'last',
    phase: 'onRequest' | 'preHandler' = 'onRequest'
  ) => ({
    name,
    place,
    phase,
    run: async () => void log.push(name)
  })
  const hook = async function mine(): Promise<void> {
    log.push('hook')
  }
  const { gateway, url } = await reloading(
    t,
    {
      routes: [
        { id: 'a', path: '/a', respond: {}, hooks: { onRequest: hook } },
        { id: 'b', path: '/b', respond: {} }
      ]
    },
    (built) =>
      built.register(async ({ gateway: { changes } }) => {
        changes.push({
          name: 'mine',
          prepare({ steps, routes }) {
            const a = routes.find(({ id }) => id === 'a') ?? null
            steps.add(a, step('after hooks', 'last'))
            steps.add(a, step('before hooks', 'policy'))
            steps.add(a, step('at once', 'arrival'))
            steps.add(a, step('with the body', 'policy', 'preHandler'))
            return undefined
          }
        })
      })
  )
  await fetch(`${url}/b`)
  assert.deepEqual(log, [])
  await fetch(`${url}/a`)
  assert.deepEqual(log, ['at once', 'before hooks', 'hook', 'after hooks', 'with the body'])
  assert.deepEqual((await gateway.explain({ url: '/a' })).steps, [
    'onRequest: at once',
    'onRequest: before hooks',
    'onRequest: hook mine',
    'onRequest: after hooks',
    'preHandler: with the body'
  ])
  assert.deepEqual((await gateway.explain({ url: '/b' })).steps, [])
})

test('routes for a gateway that began without any need a restart, and say so', async (t) => {
  const { default: Fastify } = await import('fastify')
  const { gateway: plugin } = await import('@gatewright/gateway')
  const app = Fastify()
  t.after(() => app.close())
  await app.register(plugin, {})
  await app.ready()
  await assert.rejects(app.gateway.apply({ routes: respond('x') }), /routes: needs a restart/)
})

test('keys that need a restart refuse the change, or keep their values in the configuration that runs', async (t) => {
  const listen = (port: number) => ({ port, host: '127.0.0.1' })
  const { gateway, url } = await reloading(t, { listen: listen(0), routes: respond('one') })
  const { gateway: kernel } = gateway.app
  const asked = { ...kernel.config, listen: listen(8081), routes: respond('two') } as GatewayServerConfig
  await assert.rejects(kernel.apply(asked), /listen: a change needs a restart/)
  const { revision, needsRestart } = await kernel.apply(asked, { onRestartKeys: 'keep' })
  assert.deepEqual([revision, needsRestart], [2, ['listen']])
  assert.equal(await (await fetch(url)).text(), 'two')
  assert.deepEqual((kernel.config as GatewayServerConfig).listen, listen(0))
  assert.equal(kernel.snapshot.config, kernel.config)
})

test('a part of a key that needs a restart is refused, or kept, by its own name', async (t) => {
  const { gateway } = await reloading(t, { shutdown: { drain: '1s' }, routes: respond('one') })
  const asked = (shutdown: GatewayServerConfig['shutdown']) => ({
    ...gateway.config,
    ...(shutdown && { shutdown })
  })
  await assert.rejects(
    gateway.apply(asked({ drain: '2s', signals: false })),
    /shutdown\.signals: a change needs a restart/
  )
  assert.deepEqual(gateway.config.shutdown, { drain: '1s' })
  await gateway.apply(asked({ drain: '2s', signals: true }))
  const { needsRestart } = await gateway.apply(asked({ drain: '3s', signals: false }), {
    onRestartKeys: 'keep'
  })
  assert.deepEqual(needsRestart, ['shutdown.signals'])
  assert.deepEqual(gateway.config.shutdown, { drain: '3s', signals: true })
})

test('an app that closes takes no change any more, and gives up the one under way', async (t) => {
  const calls: string[] = []
  const ready = gate()
  const { gateway } = await reloading(t, { routes: respond('one') }, (built) =>
    built.register(async ({ gateway: { changes } }) => {
      changes.push({
        name: 'slow',
        async prepare(_next, previous) {
          if (previous !== null) await ready
          return { commit: () => calls.push('commit'), abandon: () => calls.push('abandon') }
        }
      })
    })
  )
  const { gateway: kernel } = gateway.app
  const underWay = assert.rejects(kernel.apply(), /gateway\.apply\(\).*closed/)
  await gateway.app.close()
  ready.open()
  await underWay
  await assert.rejects(kernel.apply(), /gateway\.apply\(\).*closed/)
  assert.deepEqual(calls, ['commit', 'abandon'])
})

test('options of a change that do not exist, or have another value, refuse it: a misspelled dry run is no change', async (t) => {
  const { gateway, url } = await reloading(t, { routes: respond('one') })
  const { gateway: kernel } = gateway.app
  const next = { ...kernel.config, routes: respond('two') } as GatewayServerConfig
  for (const [options, problem] of [
    [{ dryrun: true }, /there is no option 'dryrun'; did you mean 'dryRun'\?/],
    [{ dryRun: 'yes' }, /dryRun must be true or false/],
    [{ onRestartKeys: 'kepe' }, /onRestartKeys must be 'refuse' or 'keep'/],
    [{ toString: 1 }, /there is no option 'toString'/],
    [null, /the options must be an object/],
    ['keep', /the options must be an object/],
    [[], /the options must be an object/]
  ] as const)
    await assert.rejects(
      kernel.apply(next, options as never),
      ({ code, message }: Error & { code?: string }) => code === 'GW_CONFIG_INVALID' && problem.test(message)
    )
  assert.equal(kernel.snapshot.revision, 1)
  assert.equal(await (await fetch(url)).text(), 'one')
  await kernel.apply(next, { dryRun: undefined } as never)
  assert.equal(await (await fetch(url)).text(), 'two')
})

test('a change without a configuration makes the one anew that then runs, not the one when it was asked for', async (t) => {
  const { gateway, url } = await reloading(t, { routes: respond('one') })
  const { gateway: kernel } = gateway.app
  await Promise.all([kernel.apply({ ...kernel.config, routes: respond('two') }), kernel.apply()])
  assert.equal(kernel.snapshot.revision, 3)
  assert.equal(await (await fetch(url)).text(), 'two')
})

test('before the app is ready there is no change: plugins that come later have their say first', async (t) => {
  const refused: string[] = []
  const { gateway, url } = await reloading(t, { routes: respond('one') }, (built) =>
    built.register(async ({ gateway: kernel }) => {
      await kernel
        .apply({ ...kernel.config, routes: respond('two') } as GatewayServerConfig)
        .catch(({ message }) => refused.push(message))
    })
  )
  assert.match(refused.join(), /^gateway\.apply\(\) must be called once the app is ready/)
  assert.equal(gateway.app.gateway.snapshot.revision, 1)
  assert.equal(await (await fetch(url)).text(), 'one')
})
