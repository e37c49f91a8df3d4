import assert from 'node:assert/strict'
import test from 'node:test'
import type { Identity } from '@gatewright/core'
import { fakeExchange } from '@gatewright/testing'
import type { Target } from './encoding.js'
import { checkTemplate, Template } from './template.js'

const claims: unknown = JSON.parse(`{
  "tenant": { "id": 7, "admin": true, "groups": ["a", "b", { "no": 1 }] },
  "https://example.com/plan": "gold",
  "city": "Zürich",
  "line": "a\\r\\nx-admin: 1",
  "half": "\\ud800",
  "constructor": "own"
}`)

const identity = {
  scheme: 'jwt',
  subject: 'ann',
  consumer: null,
  scopes: ['read', 'write'],
  roles: ['dev', 'ops'],
  claims: Object.assign(Object.create(null), claims),
  metadata: Object.create(null)
} as Identity

function valueAs(text: string, target: Target = 'field', known: Identity | null = identity): string | null {
  const exchange = fakeExchange({
    method: 'PUT',
    path: '/users/7',
    query: '?a=1&b=x%20y+z&a=2&bad=%ff&cr=1%0D%0Ax-admin:%201&nul=%00&z&euro=%E2%82%AC&__proto__=p',
    headers: { host: 'api.example.com', 'x-a': ['1', '2'], cookie: 'one=1; two=a=b; one=3' }
  })
  exchange.params = { id: '7', odd: 'a/b é' }
  exchange.identity = known
  exchange.forwardHeader('x-set', 'by a hook')
  exchange.dropHeader('x-dropped')
  return new Template(text, target, 'request').value(exchange, null)
}

const values: readonly (readonly [text: string, value: string | null, target?: Target])[] = [
  ['plain', 'plain'],
  ['{{"a": {method}}}', '{"a": PUT}'],
  ['{method} {proto}://{host}{path}', 'PUT http://api.example.com/users/7'],
  ['{origin}', 'http://api.example.com'],
  ['{client} {requestId}', '192.0.2.1 test'],
  ['{params.id}', '7'],
  ['{params.odd}', 'a/b Ã©'],
  ['{params.odd}', 'a%2Fb%20%C3%A9', 'part'],
  ['{params.constructor}', null],
  ['{query.a}', '1'],
  ['{query.b}', 'x y z'],
  ['{query.bad}', '%ff'],
  ['{query.z}', null],
  ['{query.none}', null],
  ['{query.none|-}', '-'],
  ['{query.none|}', ''],
  ['{query.a|-}', '1'],
  ['a{query.none}b', null],
  ['{query.cr}', null],
  ['{query.cr|-}', '-'],
  ['{query.cr}', '1%0D%0Ax-admin%3A%201', 'part'],
  ['{query.nul}', null],
  ['{query.euro}', 'â\x82¬'],
  ['{query.__proto__}', 'p'],
  ['{query.constructor}', null],
  ['{headers.X-A}', '1, 2'],
  ['{headers.x-set}', 'by a hook'],
  ['{headers.x-dropped}', null],
  ['{headers.constructor}', null],
  ['{headers.__proto__}', null],
  ['{cookies.one}', '1'],
  ['{cookies.two}', 'a=b'],
  ['{cookies.two}', 'a%3Db', 'part'],
  ['{cookies.__proto__}', null],
  ['{identity.subject} {identity.scopes} {identity.roles}', 'ann read write dev,ops'],
  ['{identity.consumer}', null],
  ['{identity.claims.tenant.id} {identity.claims.tenant.admin}', '7 true'],
  ['{identity.claims.tenant.groups}', 'a,b'],
  ['{identity.claims.tenant}', null],
  ['{identity.claims./https:~1~1example.com~1plan}', 'gold'],
  ['{identity.claims.city}', 'ZÃ¼rich'],
  ['{identity.claims.line}', null],
  ['{identity.claims.half}', null, 'part'],
  ['{identity.claims.constructor}', 'own'],
  ['{identity.claims.__proto__.x}', null],
  ['{identity.claims.tenant.constructor.name}', null],
  ['{identity.claims.city.length}', null],
  ['{identity.metadata.plan}', null]
]

for (const [text, value, target] of values)
  test(`'${text}' is ${value === null ? 'nothing' : JSON.stringify(value)} in a ${target ?? 'field'}`, () => {
    assert.equal(valueAs(text, target), value)
  })

test('without an identity its variables have no value', () => {
  for (const name of ['subject', 'consumer', 'scheme', 'scopes', 'roles', 'claims.a', 'metadata.a'])
    assert.equal(valueAs(`{identity.${name}}`, 'field', null), null, name)
})

const problems: readonly (readonly [text: string, problem: RegExp])[] = [
  ['{identity.subjet}', /no variable '\{identity.subjet\}'; did you mean 'identity.subject'\?/],
  ['{parms.id}', /no variable '\{parms.id\}'; did you mean 'params.id'\?/],
  ['{params.}', /no variable '\{params.\}'; did you mean 'params.…'\?/],
  ['{identity.claim.plan}', /did you mean 'identity.claims.plan'\?/],
  ['{zzz}', /no variable '\{zzz\}'; valid: 'client', 'requestId', .*'identity.metadata.…'$/],
  ['{endpoint}', /'\{endpoint\}' is known for responses only/],
  ['{headers.Host}', /'\{headers.Host\}' is not the client's to say; use '\{host\}'/],
  ['{headers.via}', /'\{headers.via\}' is not the client's to say$/],
  ['{headers.a b}', /'a b' is no name of a header field/],
  ['{identity.claims.a..b}', /has an empty name in the path of its claim/],
  ['{a', /has a '\{' without a '\}'/],
  ['a}', /has a '\}' without a '\{'/],
  ['a\r\nb', /must not have control characters/],
  ['{query.a|\n}', /must not have control characters/]
]

for (const [text, problem] of problems)
  test(`'${text.replace(/[\r\n]+/, '\\n')}' is refused: ${problem.source}`, () => {
    assert.match([...checkTemplate(text, 'set.x', 'request')].join('\n'), problem)
  })

test('in responses the endpoint and the status have values', () => {
  const template = new Template('{endpoint} {status}', 'field', 'response')
  assert.equal(template.value(fakeExchange(), { endpoint: '10.0.0.1:80', status: 404 }), '10.0.0.1:80 404')
  assert.equal(template.value(fakeExchange(), { endpoint: '', status: 404 }), null)
})
