import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { GatewayServerConfig } from '@gatewright/gateway'
import { diffConfigs } from './diff.js'
import { formatChanges } from './format.js'

/** A configuration with a secret in every place that takes one. */
const withSecret = (secret: string): GatewayServerConfig => ({
  pools: {
    users: {
      endpoints: [
        `http://10.0.0.1:3000/?token=${secret}`,
        { url: 'http://10.0.0.2', healthUrl: `http://h/?k=${secret}` }
      ],
      tls: { key: secret, cert: 'x' },
      balancing: { type: 'sticky', secret },
      health: { headers: { authorization: secret } }
    }
  },
  authentication: {
    schemes: {
      tokens: { type: 'jwt', issuer: 'a', audience: 'b', keys: { secret } },
      keys: { type: 'apiKey', keys: [{ id: 'one', hash: secret }] },
      staff: { type: 'basic', users: { ada: secret, bob: { password: secret } } },
      look: { type: 'introspection', url: 'https://a', clientId: 'c', clientSecret: secret },
      hook: { type: 'webhook', format: 'github', secrets: [secret] },
      sign: { type: 'signature', keys: [{ id: 'one', secret }] }
    }
  },
  rateLimitStore: { redis: `redis://user:${secret}@redis.internal:6379/0` },
  filters: [
    { type: 'ext_authz', target: 'http://10.0.0.9:1', metadata: { 'x-api-key': secret } },
    { type: 'ext_authz_http', pool: 'users', headersToAdd: { authorization: secret } }
  ],
  transform: {
    request: { headers: { set: { authorization: secret } }, query: { set: { access_token: secret } } }
  },
  logger: { token: secret }
})

test('a secret that changes is told without it, wherever it stands', () => {
  const [old, next] = ['first-secret-value', 'second-secret-value']
  const changes = diffConfigs(withSecret(old), withSecret(next))
  const paths = changes.map(({ path }) => path).sort()
  for (const part of [
    'authentication.schemes.tokens.keys.secret',
    'authentication.schemes.keys.keys[0].hash',
    'authentication.schemes.staff.users.ada.password',
    'authentication.schemes.staff.users.bob.password',
    'authentication.schemes.look.clientSecret',
    'authentication.schemes.hook.secrets',
    'authentication.schemes.sign.keys[0].secret',
    'pools.users.tls.key',
    'pools.users.balancing.secret',
    'pools.users.health.headers.authorization',
    'pools.users.endpoints[0]',
    'rateLimitStore.redis',
    'filters[0].metadata.x-api-key',
    'filters[1].headersToAdd.authorization',
    'transform.request.headers.set.authorization',
    'transform.request.query.set.access_token',
    'logger'
  ])
    assert.ok(paths.includes(part), `${part} in ${paths.join()}`)
  for (const format of ['text', 'json', 'markdown'] as const)
    assert.doesNotMatch(formatChanges(changes, format), /secret-value/)
})

test('a whole part that is new or gone is told without its secrets', () => {
  const whole = withSecret('first-secret-value')
  for (const changes of [diffConfigs({}, whole), diffConfigs(whole, {})])
    for (const format of ['text', 'json', 'markdown'] as const)
      assert.doesNotMatch(formatChanges(changes, format), /secret-value/)
})
