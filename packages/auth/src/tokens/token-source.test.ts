import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeExchange } from '@gatewright/testing'
import { checkTokenPlaces, TokenSource } from './token-source.js'

const header = (authorization: string): ReturnType<typeof fakeExchange> =>
  fakeExchange({ headers: { authorization } })

test('a token stands in Authorization, behind Bearer in any letter case', () => {
  const source = new TokenSource()
  assert.equal(source.read(header('Bearer abc')), 'abc')
  assert.equal(source.read(header('bEARER   abc')), 'abc')
  assert.equal(source.read(header('Bearer')), '')
  assert.equal(source.read(header('Bearerabc')), null)
  assert.equal(source.read(header('Basic abc')), null)
  assert.equal(source.read(header('')), null)
  assert.equal(source.read(fakeExchange()), null)
})

test('Authorization that is sent twice is refused, as an upstream might read the other one', () => {
  const exchange = fakeExchange({ headers: { authorization: ['Bearer abc', 'Bearer def'] } })
  exchange.raw.headers.authorization = 'Bearer abc'
  assert.deepEqual(new TokenSource().read(exchange), { problem: 'Authorization was sent more than once' })
})

test('a token may stand in another header, in a cookie and in the query', () => {
  const source = new TokenSource([
    { header: 'X-Token' },
    { header: 'X-Auth', scheme: 'Token' },
    { cookie: 'session' },
    { query: 'access_token' }
  ])
  assert.equal(source.read(fakeExchange({ headers: { 'x-token': 'abc' } })), 'abc')
  assert.equal(source.read(fakeExchange({ headers: { 'x-auth': 'token abc' } })), 'abc')
  assert.equal(source.read(fakeExchange({ headers: { 'x-auth': 'abc' } })), null)
  assert.equal(source.read(fakeExchange({ headers: { cookie: 'a=b; session=abc; mysession=x' } })), 'abc')
  assert.equal(source.read(fakeExchange({ query: 'a=b&access%5Ftoken=a%2Db' })), 'a-b')
  assert.equal(
    source.read(fakeExchange({ query: 'xaccess_token=abc', headers: { authorization: 'Bearer abc' } })),
    null
  )
})

test('two values of a cookie or a parameter are refused', () => {
  const source = new TokenSource([{ cookie: 'session' }, { query: 'access_token' }])
  assert.deepEqual(source.read(fakeExchange({ headers: { cookie: 'session=a; session=b' } })), {
    problem: 'the cookie was sent more than once'
  })
  assert.equal(source.read(fakeExchange({ headers: { cookie: 'session=a; session=a' } })), 'a')
  assert.deepEqual(source.read(fakeExchange({ query: 'access_token=a&access%5ftoken=a' })), {
    problem: 'the parameter was sent more than once'
  })
})

test('every place that holds a token is taken out, and none where tokens are forwarded', () => {
  const places = [{ header: 'authorization' }, { cookie: 'session' }]
  const exchange = fakeExchange({ headers: { authorization: 'Bearer abc', cookie: 'session=def' } })
  const source = new TokenSource(places)
  assert.deepEqual(source.removes(source.held(exchange)), [
    { in: 'header', name: 'authorization' },
    { in: 'cookie', name: 'session' }
  ])
  assert.deepEqual(source.removes(source.held(header('Bearer abc'))), [
    { in: 'header', name: 'authorization' }
  ])
  const forwarding = new TokenSource(places, true)
  assert.deepEqual(forwarding.removes(forwarding.held(exchange)), [])
})

test('a parameter must have a name that logs know as a secret’s', () => {
  assert.deepEqual([...checkTokenPlaces([{ query: 'access_token' }, { cookie: 's' }], 'from')], [])
  assert.deepEqual(
    [...checkTokenPlaces([{ query: 't' }, { header: 'X-Token' }, { header: 'x-token' }], 'from')],
    [
      "from[0].query: 't' would be shown in logs; choose a name that they know as a secret's, such as 'access_token'",
      'from[2]: is there twice'
    ]
  )
})

test('a place is one place, and a scheme stands in a header', () => {
  assert.deepEqual(
    [
      ...checkTokenPlaces(
        [{}, { header: 'a', cookie: 'b' }, { cookie: 'c', scheme: 'Bearer' }, { scheme: 'Bearer' }],
        'from'
      )
    ],
    [
      "from[0]: give one of 'header', 'cookie' and 'query'",
      "from[1]: give one of 'header', 'cookie' and 'query'",
      'from[2].scheme: is for a header',
      "from[3]: give one of 'header', 'cookie' and 'query'"
    ]
  )
})
