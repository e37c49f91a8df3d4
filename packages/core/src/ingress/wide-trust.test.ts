import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { core } from '../runtime/plugin.js'
import { wideEntries } from './wide-trust.js'

test('entries that strangers are in are found, and networks of one’s own are not', () => {
  const own = ['127.0.0.1', '::1', '10.0.0.0/8', '172.16.0.0/12', 'fc00::/7', '2001:db8::/32', '192.0.2.0/24']
  const wide = ['0.0.0.0/0', '::/0', '0.0.0.0/1', '128.0.0.0/1', '2000::/3', '0.0.0.0/00']
  assert.deepEqual(wideEntries([...own, ...wide]), wide)
})

for (const [trustedProxies, warned] of [
  [
    ['0.0.0.0/0', '10.0.0.0/8', '::/0'],
    ['0.0.0.0/0', '::/0']
  ],
  [['10.0.0.0/8'], undefined]
] as const)
  test(`the start ${warned === undefined ? 'says nothing of' : 'warns of'} trustedProxies ${trustedProxies.join(' ')}`, async (t) => {
    const lines: { level: number; msg: string; trustedProxies?: string[] }[] = []
    const app = Fastify({ logger: { stream: { write: (line: string) => lines.push(JSON.parse(line)) } } })
    t.after(() => app.close())
    await app.register(core, { config: { trustedProxies: [...trustedProxies] } })
    await app.ready()
    const [line] = lines.filter(({ level }) => level === 40)
    assert.deepEqual(line?.trustedProxies, warned)
    if (warned !== undefined)
      assert.match(String(line?.msg), /everybody.*can say who they are.*X-Forwarded-For.*request id/)
  })
