import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processTimers } from '@gatewright/core'
import { fakeUpstream } from '@gatewright/testing'
import type { IntrospectionSchemeConfig } from '../config/config.js'
import { IntrospectionClient } from './client.js'

const ID = 'gate way:1'
const SECRET = 'p&ss+wörd'

async function asked(
  t: { after(cleanUp: () => unknown): void },
  more: Partial<IntrospectionSchemeConfig> = {}
): Promise<{ authorization: string | undefined; form: URLSearchParams }> {
  const upstream = await fakeUpstream(t, { body: '{"active":true}' })
  const config = {
    type: 'introspection',
    url: `${upstream.url}/introspect`,
    clientId: ID,
    clientSecret: SECRET,
    ...more
  } as const
  const client = new IntrospectionClient(config, 5_000, processTimers)
  t.after(() => client.close())
  assert.equal(JSON.stringify(await client.ask('a+b/c=').answer), '{"active":true}')
  const [seen] = upstream.requests
  assert.equal(seen?.method, 'POST')
  assert.equal(seen?.target, '/introspect')
  assert.equal(seen?.header('content-type'), 'application/x-www-form-urlencoded')
  return { authorization: seen?.header('authorization'), form: new URLSearchParams(seen?.body.toString()) }
}

test('asks with its credentials in Authorization, encoded as in forms', async (t) => {
  const { authorization, form } = await asked(t)
  assert.equal(
    Buffer.from(authorization?.replace('Basic ', '') ?? '', 'base64').toString(),
    'gate+way%3A1:p%26ss%2Bw%C3%B6rd'
  )
  assert.deepEqual(
    [...form],
    [
      ['token', 'a+b/c='],
      ['token_type_hint', 'access_token']
    ]
  )
})

test('or in the body', async (t) => {
  const { authorization, form } = await asked(t, { clientAuth: 'post' })
  assert.equal(authorization, undefined)
  assert.equal(form.get('client_id'), ID)
  assert.equal(form.get('client_secret'), SECRET)
})

test('says so when its own credentials are refused, and otherwise only what was answered', async (t) => {
  for (const [status, message] of [
    [401, "it answered 401: it does not take the gateway's own credentials"],
    [403, "it answered 403: it does not take the gateway's own credentials"],
    [404, 'it answered 404'],
    [500, 'it answered 500']
  ] as const) {
    const upstream = await fakeUpstream(t, { status })
    const config = { type: 'introspection', url: upstream.url, clientId: ID, clientSecret: SECRET } as const
    const client = new IntrospectionClient(config, 5_000, processTimers)
    t.after(() => client.close())
    await assert.rejects(client.ask('abc').answer, { message })
  }
})
