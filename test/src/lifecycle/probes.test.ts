import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { test } from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { fakeUpstream } from '@gatewright/testing'
import { singlePool } from '../support/single-pool.js'

const bounded = { timeout: 20_000 }

/** Whether anything listens there. */
async function isOpen(host: string, port: number): Promise<boolean> {
  try {
    const socket = connect({ host, port })
    await once(socket, 'connect')
    socket.destroy()
    return true
  } catch (error) {
    assert.equal((error as { readonly code?: string }).code, 'ECONNREFUSED')
    return false
  }
}

const PLACES: [listens: string | undefined, told: string | undefined, open: string[], shut: string[]][] = [
  ['127.0.0.1', undefined, ['127.0.0.1'], ['127.0.0.2', '::1']],
  ['127.0.0.2', undefined, ['127.0.0.2'], ['127.0.0.1', '::1']],
  ['::1', undefined, ['::1'], ['127.0.0.1']],
  ['127.0.0.1', '127.0.0.2', ['127.0.0.2'], ['127.0.0.1']],
  ['127.0.0.1', '0.0.0.0', ['127.0.0.1', '127.0.0.2'], ['::1']],
  ['0.0.0.0', undefined, ['127.0.0.1', '127.0.0.2'], ['::1']],
  [undefined, undefined, ['127.0.0.1', '127.0.0.2', '::1'], []]
]

for (const metrics of [true, false])
  for (const [listens, told, open, shut] of PLACES) {
    const what = metrics ? 'metrics' : 'probes'
    const where = told === undefined ? 'there as well' : `on ${told} when told so`
    test(`${what} of a gateway on ${listens ?? 'all addresses'} are ${where}`, bounded, async (t) => {
      const upstream = await fakeUpstream(t)
      const gateway = createGateway({
        ...singlePool(upstream.url),
        logger: false,
        accessLog: false,
        metrics,
        probes: { port: 0, ...(told === undefined ? {} : { host: told }) },
        shutdown: { signals: false, wait: '0ms' }
      })
      t.after(() => gateway.close())
      await gateway.listen({ port: 0, ...(listens === undefined ? {} : { host: listens }) })
      for (const host of open) assert.equal(await isOpen(host, Number(gateway.probePort)), true, host)
      for (const host of shut) assert.equal(await isOpen(host, Number(gateway.probePort)), false, host)
    })
  }
