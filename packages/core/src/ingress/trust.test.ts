import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkCidr, clientIndex, createTrust, hopAddress, plainAddress, trustNobody } from './trust.js'

for (const entry of [
  '10.0.0.1',
  '10.0.0.0/8',
  '0.0.0.0/0',
  '10.0.0.1/32',
  '::1',
  '2001:db8::/32',
  '::/0',
  '::1/128'
])
  test(`${entry} is a range of addresses`, () => assert.equal(checkCidr(entry), undefined))

const BAD: readonly [entry: string, problem: RegExp][] = [
  ['', /is not an IP address or CIDR range/],
  ['localhost', /is not an IP address or CIDR range/],
  ['10.0.0', /is not an IP address or CIDR range/],
  ['10.0.0.256', /is not an IP address or CIDR range/],
  ['010.0.0.1', /is not an IP address or CIDR range/],
  ['10.0.0.0/8/8', /is not an IP address or CIDR range/],
  ['10.0.0.1:80', /is not an IP address or CIDR range/],
  ['[::1]', /is not an IP address or CIDR range/],
  [' 10.0.0.1', /is not an IP address or CIDR range/],
  ['10.0.0.0/', /prefix length from 0 to 32/],
  ['10.0.0.0/33', /prefix length from 0 to 32/],
  ['10.0.0.0/-1', /prefix length from 0 to 32/],
  ['10.0.0.0/8.5', /prefix length from 0 to 32/],
  ['10.0.0.0/255.0.0.0', /prefix length from 0 to 32/],
  ['2001:db8::/129', /prefix length from 0 to 128/]
]

for (const [entry, problem] of BAD)
  test(`'${entry}' is refused as a range, by name`, () => {
    const found = checkCidr(entry) ?? ''
    assert.match(found, problem)
    assert.ok(found.startsWith(`'${entry}'`))
  })

const TRUSTED: readonly [address: string, trusted: boolean][] = [
  ['10.0.0.0', true],
  ['10.255.255.255', true],
  ['9.255.255.255', false],
  ['11.0.0.0', false],
  ['192.168.1.7', true],
  ['192.168.1.8', false],
  ['2001:db8::1', true],
  ['2001:DB8:0:0:0:0:0:1', true],
  ['2001:db9::1', false],
  ['::1', true],
  ['::2', false],
  ['::ffff:10.0.0.1', true],
  ['::ffff:11.0.0.1', false],
  ['', false],
  ['10.0.0.1:80', false],
  ['unix', false]
]

test('an address is trusted when a range has it', () => {
  const trust = createTrust(['10.0.0.0/8', '192.168.1.7', '2001:db8::/32', '::1'])
  for (const [address, trusted] of TRUSTED) assert.equal(trust.trusts(address), trusted, address)
})

test('nobody is trusted without an entry', () => {
  assert.equal(createTrust([]).trusts('127.0.0.1'), false)
  assert.equal(trustNobody.trusts('127.0.0.1'), false)
})

test('an IPv4 address is the same on a dual-stack socket', () => {
  assert.equal(plainAddress('::ffff:10.0.0.1'), '10.0.0.1')
  assert.equal(plainAddress('10.0.0.1'), '10.0.0.1')
  assert.equal(plainAddress('2001:db8::1'), '2001:db8::1')
  assert.equal(plainAddress('::ffff:0:1'), '::ffff:0:1')
  assert.equal(plainAddress(undefined), '')
})

// 10/8 and ::1 are trusted; the peer is 10.0.0.9.
const CHAINS: readonly [what: string, forwardedFor: string, client: string][] = [
  ['one untrusted hop', '1.1.1.1', '1.1.1.1'],
  ['trusted hops after it', '1.1.1.1, 10.0.0.2, 10.0.0.3', '1.1.1.1'],
  ['what the client claims before its own address', '6.6.6.6, 10.0.0.1, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
  ['a trusted address that the client claims', '10.0.0.1, 1.1.1.1', '1.1.1.1'],
  ['nothing but trusted hops', '10.0.0.1, 10.0.0.2', '10.0.0.1'],
  ['white space and no white space', ' 1.1.1.1 ,10.0.0.2', '1.1.1.1'],
  ['a port', '1.1.1.1:5555', '1.1.1.1'],
  ['IPv6', '2001:db8::7, ::1', '2001:db8::7'],
  ['IPv6 with a port', '[2001:db8::7]:5555', '2001:db8::7'],
  ['a mapped address', '::ffff:1.1.1.1', '1.1.1.1'],
  ['a trusted mapped address', '1.1.1.1, ::ffff:10.0.0.2', '1.1.1.1'],
  ['a word instead of an address', 'unknown', '10.0.0.9'],
  ['a word behind trusted hops', '1.1.1.1, _hidden, 10.0.0.2', '10.0.0.2'],
  ['nothing', '', '10.0.0.9'],
  ['an attempt to inject', '1.1.1.1\r\nX: y', '10.0.0.9'],
  ['a number that is no address', '1.1.1.1.1, 10.0.0.2', '10.0.0.2']
]

test('the client is the last hop that no trusted proxy vouches for', () => {
  const trust = createTrust(['10.0.0.0/8', '::1'])
  for (const [what, forwardedFor, client] of CHAINS) {
    const chain = forwardedFor.split(',')
    const index = clientIndex(chain, trust)
    assert.equal(index === chain.length ? '10.0.0.9' : hopAddress(chain[index] as string), client, what)
  }
})
