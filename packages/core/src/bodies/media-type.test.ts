import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isUtf8Charset, jsonKindOf, mediaTypeOf } from './media-type.js'

const KINDS: readonly (readonly [string, string | null])[] = [
  ['application/json', 'json'],
  ['Application/JSON; charset=UTF-8', 'json'],
  ['application/problem+json', 'json'],
  ['application/vnd.api+json;v=1', 'json'],
  ['text/json', 'json'],
  ['application/x-ndjson', 'lines'],
  ['application/jsonl; charset=utf-8', 'lines'],
  ['text/event-stream', 'events'],
  ['application/jsonp', null],
  ['application/json-patch', null],
  ['application/json, text/html', null],
  ['application/json text', null],
  ['json', null],
  ['+json', null],
  ['', null],
  ['multipart/form-data; x=application/json', null]
]

for (const [type, kind] of KINDS)
  test(`'${type}' holds ${kind ?? 'no JSON'}`, () => assert.equal(jsonKindOf(type), kind))

test('a charset is read, quoted or not', () => {
  assert.equal(mediaTypeOf('application/json; charset="UTF-8"').charset, 'utf-8')
  assert.equal(mediaTypeOf('application/json;v=1;charset=latin1').charset, 'latin1')
  assert.equal(mediaTypeOf('application/json; xcharset=latin1').charset, '')
})

test('of several charsets, or one that is written in another way, none is passed by', () => {
  for (const [type, charset] of [
    ['application/json; charset=utf-8; charset=utf-7', 'utf-8, utf-7'],
    ['application/json; charset=UTF-8; charset="utf-8"', 'utf-8'],
    ['application/json; a="; charset=utf-8"; charset=utf-7', 'utf-8, utf-7'],
    ['application/json; charset = utf-7', 'utf-7'],
    ['application/json; charset="utf-7', 'utf-7'],
    ["application/json; charset='utf-8'", 'utf-8'],
    ['application/json; charset=', '']
  ] as const)
    assert.equal(mediaTypeOf(type).charset, charset, type)
})

test('JSON is in UTF-8 or says nothing', () => {
  assert.equal(isUtf8Charset({ essence: '', charset: '' }), true)
  assert.equal(isUtf8Charset({ essence: '', charset: 'utf-8' }), true)
  assert.equal(isUtf8Charset({ essence: '', charset: 'utf-16' }), false)
  assert.equal(isUtf8Charset({ essence: '', charset: 'utf-8, utf-7' }), false)
})
