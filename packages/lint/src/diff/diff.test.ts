import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { diffConfigs } from './diff.js'

const pools = { users: { endpoints: ['http://10.0.0.1:3000', 'http://10.0.0.2:3000'] } }

const changed = (before: GatewayServerConfig, after: GatewayServerConfig): string[] =>
  diffConfigs(before, after).map(({ kind, risk, path }) => `${kind} ${risk} ${path}`)

test('a configuration does not differ from itself, nor from another way to write it', () => {
  const before: GatewayServerConfig = {
    pools: { ...pools, orders: { endpoints: ['http://10.0.0.3:3000'], timeouts: { connect: '5s' } } },
    routes: [
      { path: '/users/*', pool: 'users', methods: ['GET', 'POST'], retry: 'safe', timeout: '1s' },
      { path: '/orders/*', pool: 'orders' }
    ]
  }
  const after: GatewayServerConfig = {
    pools: {
      orders: { endpoints: [{ url: 'http://10.0.0.3:3000/', weight: 1 }] },
      users: { endpoints: [...pools.users.endpoints].reverse() }
    },
    routes: [
      { path: '/orders/*', pool: 'orders' },
      {
        path: '/users/*',
        pool: 'users',
        methods: ['POST', 'GET'],
        retry: { methods: 'safe', attempts: 2 },
        timeouts: { total: '1000ms' }
      }
    ]
  }
  assert.deepEqual(changed(before, structuredClone(before)), [])
  assert.deepEqual(changed(before, after), [])
})

test('a change of a policy is seen at each route that it reaches, and at no other', () => {
  const config = (attempts: number): GatewayServerConfig => ({
    pools,
    policies: { calm: { retry: { attempts } } },
    routes: [
      { id: 'a', path: '/a', use: ['calm'], pool: 'users' },
      { id: 'b', path: '/b', use: ['calm'], pool: 'users', retry: 'safe' },
      { id: 'c', path: '/c', pool: 'users' },
      { id: 'd', path: '/d', use: ['calm'], pool: 'users' }
    ]
  })
  assert.deepEqual(
    diffConfigs(config(2), config(3)).map(({ path, route, via, before, after }) => [
      path,
      route,
      via,
      before,
      after
    ]),
    [
      ['routes[0].retry.attempts', 'a', 'policies.calm.retry', 2, 3],
      ['routes[3].retry.attempts', 'd', 'policies.calm.retry', 2, 3]
    ]
  )
})

test('a policy that reaches no route is told where it stands', () => {
  const config = (attempts: number): GatewayServerConfig => ({ policies: { calm: { retry: { attempts } } } })
  assert.deepEqual(changed(config(2), config(3)), ['changed changed policies.calm.retry.attempts'])
})

test('endpoints are known by their URLs', () => {
  const config = (...endpoints: string[]): GatewayServerConfig => ({ pools: { users: { endpoints } } })
  assert.deepEqual(changed(config('http://a:1', 'http://b:1'), config('http://c:1', 'http://a:1')), [
    'added upstream-changed pools.users.endpoints[0]',
    'removed upstream-changed pools.users.endpoints[1]'
  ])
})

test('authentication that is gone is told as such', () => {
  const config = (auth: string | false): GatewayServerConfig => ({
    pools,
    routes: [{ id: 'a', path: '/a', pool: 'users', auth }]
  })
  assert.deepEqual(changed(config('keys'), config(false)), ['changed auth-removed routes[0].auth'])
})
