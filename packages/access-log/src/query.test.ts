import assert from 'node:assert/strict'
import { test } from 'node:test'
import { redactedQuery } from './query.js'

const SECRETS = new Set(['code'])

for (const [query, logged] of [
  ['?a=1&b=2', 'a=1&b=2'],
  ['token=s', 'token=***'],
  ['?a=1&token=s&b=2', 'a=1&token=***&b=2'],
  ['?TOKEN=s&Access_Token=t', 'TOKEN=***&Access_Token=***'],
  ['?%74oke%6E=s', '%74oke%6E=***'],
  ['?+token=s', '+token=***'],
  ['?a;token=s;b', 'a;token=***;b'],
  ['?token=a=b', 'token=***'],
  ['?user[token]=s&auth.token=t&token[]=u', 'user[token]=***&auth.token=***&token[]=***'],
  ['?tokens=s&%=x&%ff=y', 'tokens=s&%=x&%ff=y'],
  [
    '?code=s&encode=t&clientSecret=u&id_token=v&X-Signature=w',
    'code=***&encode=t&clientSecret=***&id_token=***&X-Signature=***'
  ],
  ['?token', 'token'],
  ['?', '']
] as const)
  test(`the query ${query} is logged as ${logged || 'nothing'}`, () => {
    assert.equal(redactedQuery(query, SECRETS), logged)
  })
