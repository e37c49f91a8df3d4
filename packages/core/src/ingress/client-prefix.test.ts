import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientPrefix } from './client-prefix.js'

test('an IPv6 client is its prefix, whatever way the address is written', () => {
  for (const [address, bits, prefix] of [
    ['192.0.2.7', 64, '192.0.2.7'],
    ['::ffff:192.0.2.7', 64, '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', 64, '2001:db8:1:2:/64'],
    ['2001:0db8:0001:0002::1', 64, '2001:db8:1:2:/64'],
    ['2001:db8::', 64, '2001:db8:0:0:/64'],
    ['2001:db8:1:2:3:4:5:6', 56, '2001:db8:1:0:/56'],
    ['2001:db8:1:2:3:4:5:6', 128, '2001:db8:1:2:3:4:5:6:/128'],
    ['fe80::1%eth0', 64, 'fe80:0:0:0:/64'],
    ['::1', 64, '0:0:0:0:/64'],
    ['64:ff9b::192.0.2.1', 128, '64:ff9b:0:0:0:0:c000:201:/128'],
    ['a:b', 64, 'a:b'],
    ['1::2::3', 64, '1::2::3'],
    ['g::1', 64, 'g::1'],
    ['', 64, '']
  ] as const)
    assert.equal(clientPrefix(address, bits), prefix, address)
})
