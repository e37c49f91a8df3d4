import assert from 'node:assert/strict'
import { test } from 'node:test'
import { languageServer } from '../support/language-server.js'

const LIMIT = { timeout: 60_000 }

const FILE = `
import gateway, { createGateway, defineConfig } from '@gatewright/gateway'
import Fastify from 'fastify'

const endpoints = ['http://10.0.0.1:8080']
createGateway({
  pools: { users: { endpoints, health: { interval: '5s' }, balancing: { type: 'sticky', secret: '', cookie: 'a' } } },
  routes: [{ path: '/*', pool: 'users', timeout: '1s', retry: { attempts: 3 }, timeouts: { idle: '1s' } }],
  server: { headersTimeout: '1s' }
})
/* plugin */
Fastify().register(gateway, {
  pools: { users: { endpoints, connections: { max: 3 } } },
  routes: [{ path: '/*', pool: 'users', bodyLimit: '1MiB' }]
})
/* builder */
createGateway().pool('users', { endpoints, slowStart: { window: '1s' } }).route('/*', { pool: 'users', trailingSlash: 'ignore' })
/* apart */
defineConfig({ pools: { users: { endpoints } }, policies: { quick: { rewrite: { addPrefix: '/v1' } } } })
`

const SHOWN: readonly [key: string, after: string, text: RegExp][] = [
  ['pools', '', /Pools of endpoints by id\./],
  ['interval', '', /Time between two probes of an endpoint\. Default 10s\./],
  ['cookie', '', /Name of the cookie\./],
  ['timeout:', '', /Time for the whole exchange, including all attempts.*Default: no limit\./],
  [
    'attempts',
    '',
    /Maximum number of attempts, including the first, up to 20\. Default 2\. A whole number, 1 to 20\./
  ],
  ['idle', '', /Idle time between two chunks of the response body\. Default 60s\./],
  ['headersTimeout', '', /Time for a whole request head\. Default 15s\./],
  ['max:', '/* plugin', /Maximum number of connections to one endpoint\. Default 1024\./],
  ['bodyLimit', '/* plugin', /Largest request body, counted as it streams\. Default 10MiB/],
  ['window', '/* builder', /Time in which a new or recovered endpoint ramps up to its full weight\./],
  ['trailingSlash', '/* builder', /'strict' \(default\)/],
  ['addPrefix', '/* apart', /Prepend this prefix, after stripping\./]
]

test("an editor shows what a configuration's keys mean, however it is written", LIMIT, async (t) => {
  const server = await languageServer(t, FILE)
  for (const [key, after, text] of SHOWN) assert.match(await server.hover(key, after), text)
})
