import assert from 'node:assert/strict'
import { scryptSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { createGateway, type GatewayServerConfig } from '@gatewright/gateway'
import { rawRequest } from '@gatewright/testing'
import { guarded } from '../support/guarded.js'
import { reloading } from '../support/reloading.js'

type Authentication = NonNullable<GatewayServerConfig['authentication']>

/** A hash that costs little. */
function cheap(password: string, salt = 'salt of a test!!'): string {
  const unpadded = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '')
  const hash = scryptSync(password, salt, 32, { N: 1_024, r: 8, p: 1 })
  return `$scrypt$ln=10,r=8,p=1$${unpadded(Buffer.from(salt))}$${unpadded(hash)}`
}

const sent = (name: string, password: string) =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`

const staff = (scheme: object, more: object = {}): Authentication =>
  ({ schemes: { staff: { type: 'basic', ...scheme } }, ...more }) as Authentication

test('a user with the right password is let in, and the upstream gets who it is instead of the password', async (t) => {
  const { ask, upstream, lines } = await guarded(
    t,
    staff(
      {
        users: {
          ada: cheap('lovelace'),
          bob: { password: cheap('builder'), consumer: 'acme', roles: ['admin'] }
        }
      },
      {
        consumers: { acme: {} },
        headers: { 'x-user': 'subject', 'x-roles': 'roles', 'x-consumer': 'consumer' }
      }
    ),
    { auth: 'staff' }
  )
  for (const [name, password, roles] of [
    ['ada', 'lovelace', undefined],
    ['bob', 'builder', 'admin'],
    ['bob', 'builder', 'admin']
  ] as const) {
    assert.equal((await ask('/', { authorization: sent(name, password) })).status, 200)
    const seen = upstream.requests.at(-1)
    assert.deepEqual(
      [seen?.header('x-user'), seen?.header('x-roles'), seen?.header('authorization')],
      [name, roles, undefined]
    )
  }
  for (const authorization of [
    sent('ada', 'builder'),
    sent('ada', ''),
    sent('eve', 'lovelace'),
    sent('__proto__', 'x'),
    sent('constructor', 'x'),
    'Basic',
    'Basic ',
    'Basic !',
    'Basic YWRh',
    'Bearer x'
  ]) {
    const { status, challenge } = await ask('/', { authorization })
    assert.deepEqual([status, challenge], [401, 'Basic realm="gateway", charset="UTF-8"'], authorization)
  }
  const logged = JSON.stringify(lines)
  for (const secret of ['lovelace', 'builder', '"eve"', 'YWRh']) assert.ok(!logged.includes(secret), secret)
})

test('two Authorization fields are none: an upstream might read the other one', async (t) => {
  const { port, upstream } = await guarded(t, staff({ users: { ada: cheap('x') }, forward: true }), {
    auth: 'staff'
  })
  const head = (...lines: string[]) => ['GET / HTTP/1.1', 'Host: a.test', ...lines, '', ''].join('\r\n')
  const authorization = `Authorization: ${sent('ada', 'x')}`
  assert.equal(
    (await rawRequest(port, head(authorization, `Authorization: ${sent('root', 'y')}`))).status,
    401
  )
  assert.equal((await rawRequest(port, head(authorization))).status, 200)
  assert.equal(upstream.requests.length, 1)
  assert.equal(upstream.requests[0]?.header('authorization'), sent('ada', 'x'))
})

test('a client that fails too often is refused, also with a password that would be right, unless that is known', async (t) => {
  const users = { ada: cheap('a'), bob: cheap('b') }
  const { ask } = await guarded(t, staff({ users }, { failures: { limit: 2, window: '1h' } }), {
    auth: 'staff'
  })
  const status = async (name: string, password: string) =>
    (await ask('/', { authorization: sent(name, password) })).status
  assert.equal(await status('ada', 'a'), 200)
  assert.deepEqual(
    [await status('ada', '1'), await status('ada', '2'), await status('ada', '3')],
    [401, 401, 429]
  )
  assert.deepEqual([await status('bob', 'b'), await status('ada', 'a')], [429, 200])
})

test('a changed password holds from the change on, and the failures of clients stay', async (t) => {
  const config = (password: string): GatewayServerConfig => ({
    authentication: staff({ users: { ada: cheap(password) } }, { failures: { limit: 2, window: '1h' } }),
    routes: [{ path: '/*', respond: { status: 204 }, auth: 'staff' }]
  })
  const { url, change } = await reloading(t, config('old'))
  const status = async (password: string) =>
    (await fetch(url, { headers: { authorization: sent('ada', password) } })).status
  assert.deepEqual([await status('old'), await status('wrong')], [204, 401])
  await change(config('new'))
  assert.deepEqual([await status('new'), await status('old'), await status('older')], [204, 401, 429])
  assert.equal(await status('new'), 204)
})

test('a file of users is read, and one that is wrong stops the start', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gatewright-users-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'users.json')
  writeFileSync(file, JSON.stringify({ ada: cheap('x') }))
  const { ask } = await guarded(t, staff({ file }), { auth: 'staff' })
  assert.equal((await ask('/', { authorization: sent('ada', 'x') })).status, 200)
  writeFileSync(file, JSON.stringify({ ada: 'plain' }))
  const gateway = createGateway({ logger: false, authentication: staff({ file }) })
  await assert.rejects(gateway.ready(), {
    message:
      /schemes\.staff\.file: '.*users\.json': users\.ada: the value must be the scrypt hash of a password/
  })
})

test('what could not work is refused by path, and no password is told', async () => {
  for (const [scheme, problem] of [
    [{}, /schemes\.staff: has no users/],
    [{ users: { ada: 'my-password' } }, /users\.ada: the value must be the scrypt hash of a password/],
    [{ users: { ada: cheap('x').replace('ln=10', 'ln=9') } }, /users\.ada: its hash costs too little/],
    [{ users: { 'a:b': cheap('x') } }, /'a:b' can be no user name/],
    [
      { users: { ada: { password: cheap('x'), consumer: 'nobody' } } },
      /users\.ada\.consumer: there is no consumer/
    ],
    [
      { users: { ada: { password: cheap('x'), role: [] } } },
      /users\.ada: unknown key 'role'; did you mean 'roles'\?/
    ]
  ] as const) {
    const gateway = createGateway({ logger: false, authentication: staff(scheme) })
    await assert.rejects(
      gateway.ready(),
      (error: Error) => {
        assert.match(error.message, problem)
        assert.doesNotMatch(error.message, /my-password|\$scrypt/)
        return true
      },
      JSON.stringify(scheme)
    )
  }
})
