import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway } from '@gatewright/gateway'
import { freePort } from '../support/free-port.js'

const quiet = { logger: false, accessLog: false } as const
const here = '127.0.0.1'

test('a gateway listens where its configuration says', async (t) => {
  const port = await freePort()
  const gateway = createGateway({ ...quiet, listen: { port, host: here } }).route('/hello', () => 'hello')
  t.after(() => gateway.close())
  assert.equal(await gateway.listen(), `http://${here}:${port}`)
  assert.equal((await fetch(`http://${here}:${port}/hello`)).status, 200)
})

test('what listen() is told takes the place of what the configuration says, key by key', async (t) => {
  const [configured, told] = [await freePort(), await freePort()]
  const gateway = createGateway({ ...quiet, listen: { port: configured, host: here } })
  t.after(() => gateway.close())
  assert.equal(await gateway.listen({ port: told }), `http://${here}:${told}`)
})

test('where a gateway listens does not change without a restart', async (t) => {
  const gateway = createGateway({ ...quiet, listen: { port: 0, host: here } })
  t.after(() => gateway.close())
  await gateway.listen()
  const moved = { ...quiet, listen: { port: 1, host: here } }
  await assert.rejects(gateway.apply(moved), /listen: a change needs a restart/)
  const { needsRestart } = await gateway.apply(moved, { onRestartKeys: 'keep' })
  assert.deepEqual(needsRestart, ['listen'])
})

test('an address that cannot be is refused with its path', async (t) => {
  const gateway = createGateway({ ...quiet, listen: { port: 65_536, adress: here } as never })
  t.after(() => gateway.close())
  await assert.rejects(gateway.listen(), (error: Error) => {
    assert.match(error.message, /listen\.port: 65536 /)
    assert.match(error.message, /listen: unknown key 'adress'/)
    return true
  })
})
