import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostKey, isHost } from './host.js'

const HOSTS: readonly [authority: string, key: string][] = [
  ['a', 'a'],
  ['example.com', 'example.com'],
  ['EXAMPLE.Com', 'example.com'],
  ['example.com:8080', 'example.com'],
  ['example.com.', 'example.com'],
  ['example.com.:80', 'example.com'],
  ['example.com:', 'example.com'],
  ['a_b-c.d', 'a_b-c.d'],
  ['xn--caf-dma.example', 'xn--caf-dma.example'],
  ['10.0.0.1:80', '10.0.0.1'],
  ['[::1]', '[::1]'],
  ['[::1]:80', '[::1]'],
  ['[2001:DB8::1]:443', '[2001:db8::1]']
]

for (const [authority, key] of HOSTS)
  test(`${authority} is a host, known as ${key}`, () => {
    assert.equal(isHost(authority), true)
    assert.equal(hostKey(authority), key)
  })

for (const value of [
  '',
  ' ',
  'a b',
  'a,b',
  'a, b',
  'a/b',
  'a\\b',
  'a@b',
  'user:pw@b',
  'a?b',
  'a#b',
  'a:b',
  'a:80:81',
  'a:123456',
  ':80',
  '[::1',
  '::1',
  '[::1]x',
  '[a/b]',
  '[]',
  'a\0',
  'a\n',
  'a\r\nb',
  'caf\xe9',
  'a%2fb',
  'a;b',
  '*'
])
  test(`${JSON.stringify(value)} is not a host`, () => assert.equal(isHost(value), false))

test('an unknown host is known as nothing', () => assert.equal(hostKey(''), ''))
