import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { fakeUpstream, type RawClient, rawClient } from '@gatewright/testing'
import type { FastifyInstance } from 'fastify'
import { serveEnvoyAuthz } from '../support/grpc-js.js'
import { startGateway } from '../support/start-gateway.js'

const lines = (...all: string[]) => all.join('\r\n')

test('a request is asked about by the service of its own configuration, whatever changes meanwhile', async (t) => {
  const targets: string[] = []
  for (const by of ['0', '1', '2', '3', '4'])
    targets.push(
      await serveEnvoyAuthz(t, () => ({
        status: { code: 0 },
        ok_response: { headers: [{ header: { key: 'x-by', value: by } }] }
      }))
    )
  const upstream = await fakeUpstream(t)
  const version = (n: number, more: object = {}): GatewayServerConfig => ({
    logger: false,
    accessLog: false,
    shutdown: { signals: false, wait: '0ms', drain: '0ms' },
    pools: { api: { endpoints: [upstream.url] } },
    routes: [
      {
        path: '/*',
        pool: 'api',
        filters: [
          { type: 'ext_authz', target: targets[n] as string, timeout: '30s', body: { maxBytes: '1KiB' } }
        ]
      }
    ],
    ...more
  })
  let hold: Promise<void> | null = null
  let holding: () => void = () => {}
  const slow = async (app: FastifyInstance): Promise<void> => {
    app.gateway.changes.push({
      name: 'slow',
      prepare: async () => {
        holding()
        await hold
        return undefined
      }
    })
  }
  const { gateway, port } = await startGateway(t, version(0), {}, {}, (builder) =>
    builder.register(Object.assign(slow, { [Symbol.for('skip-override')]: true }))
  )
  const begun = async (): Promise<RawClient> => {
    const client = await rawClient(port, { t })
    await client.write(
      lines('POST / HTTP/1.1', 'Host: a', 'Content-Length: 5', 'Connection: close', '', 'he')
    )
    return client
  }
  const ended = async (client: RawClient, by: string): Promise<void> => {
    void client.write('llo')
    assert.equal((await client.response({ to: 'POST' })).status, 200)
    assert.equal(upstream.requests.at(-1)?.header('x-by'), by)
  }
  const arrived = async (number: number): Promise<void> => {
    while (gateway.app.gateway.inFlight < number) await new Promise(setImmediate)
  }
  const first = await begun()
  await arrived(1)
  await gateway.app.gateway.apply(version(1))
  const second = await begun()
  await arrived(2)
  await assert.rejects(gateway.app.gateway.apply(version(2, { routes: [{ path: '/*', pool: 'none' }] })))
  await gateway.app.gateway.apply(version(2), { dryRun: true })
  await gateway.app.gateway.apply(version(3))
  const third = await begun()
  await arrived(3)
  await ended(first, '0')
  await ended(second, '1')
  // The last request of an older configuration ends while the next one is made ready.
  let letGo: () => void = () => {}
  hold = new Promise((resolve) => {
    letGo = resolve
  })
  const held = new Promise<void>((resolve) => {
    holding = resolve
  })
  const change = gateway.app.gateway.apply(version(4))
  await held
  await ended(third, '3')
  letGo()
  await change
  const last = await begun()
  await ended(last, '4')
  const only = [{ target: targets[4], connections: 1, waiting: 0 }]
  while (gateway.app.filters.targets().length > 1) await new Promise(setImmediate)
  assert.deepEqual(gateway.app.filters.targets(), only)
})
