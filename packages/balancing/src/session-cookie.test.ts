import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeExchange } from '@gatewright/testing'
import { createSessionCookie, type SessionCookieOptions } from './session-cookie.js'

const lines: [options: SessionCookieOptions, proto: 'http' | 'https', line: string][] = [
  [{}, 'http', 's=v; Path=/; HttpOnly; SameSite=Lax'],
  [{}, 'https', 's=v; Path=/; HttpOnly; SameSite=Lax; Secure'],
  [{ secure: true }, 'http', 's=v; Path=/; HttpOnly; SameSite=Lax; Secure'],
  [{ secure: false }, 'https', 's=v; Path=/; HttpOnly; SameSite=Lax'],
  [{ sameSite: 'strict' }, 'http', 's=v; Path=/; HttpOnly; SameSite=Strict'],
  [{ sameSite: 'none' }, 'http', 's=v; Path=/; HttpOnly; SameSite=None; Secure'],
  [{ sameSite: 'none', secure: false }, 'http', 's=v; Path=/; HttpOnly; SameSite=None; Secure'],
  [{ maxAge: '1.5h' }, 'http', 's=v; Path=/; Max-Age=5400; HttpOnly; SameSite=Lax'],
  [{ maxAge: '1500ms' }, 'http', 's=v; Path=/; Max-Age=1; HttpOnly; SameSite=Lax']
]

for (const [options, proto, line] of lines) {
  test(`${JSON.stringify(options)} over ${proto} sets '${line}'`, () => {
    const exchange = fakeExchange({ proto })
    createSessionCookie('s', options).write(exchange, 'v')
    assert.deepEqual(exchange.attemptCookies, [line])
  })
}

test("the cookie is the attempt's, and leaves those that the exchange has alone", () => {
  const exchange = fakeExchange()
  exchange.setCookies = ['other=1']
  const cookie = createSessionCookie('s', {})
  cookie.write(exchange, 'first')
  cookie.write(exchange, 'second')
  assert.deepEqual(exchange.setCookies, ['other=1'])
  assert.deepEqual(exchange.attemptCookies, ['s=second; Path=/; HttpOnly; SameSite=Lax'])
})

test('the cookie is read from among others', () => {
  const cookie = createSessionCookie('s', {})
  assert.equal(cookie.read(fakeExchange({ headers: { cookie: 'a=1; s=v ; ss=2' } })), 'v')
  assert.equal(cookie.read(fakeExchange({ headers: { cookie: 'a=s=1' } })), undefined)
  assert.equal(cookie.read(fakeExchange()), undefined)
})
