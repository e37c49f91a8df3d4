import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { Endpoint, resolvePool } from '@gatewright/core'
import { createConnector } from './connector.js'
import { ReadBuffers } from './read-buffers.js'
import { TlsContext } from './tls-context.js'

test('TLS material that cannot be used is the failure of the connection, and ends nothing else', async (t) => {
  const server = createServer((socket) => socket.on('error', () => {}))
  t.after(() => server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const port = String((server.address() as AddressInfo).port)
  const settings = resolvePool({})
  const broken = { ...settings, tls: { ...settings.tls, cert: '/etc/ssl/client.pem', key: 'none' } }
  const connect = createConnector(
    { settings: broken, tls: new TlsContext(broken.tls) },
    new Endpoint('a', new URL(`https://127.0.0.1:${port}`), 1),
    new ReadBuffers()
  )
  for (const round of [1, 2]) {
    let tcp: Socket | undefined
    const error = await new Promise<Error | null>((resolve) => {
      tcp = connect({ hostname: '127.0.0.1', protocol: 'https:', port }, (...[failure]) => resolve(failure))
    })
    assert.match(String(error), /no start line/, `round ${round}`)
    assert.equal(tcp?.destroyed, true)
  }
})
