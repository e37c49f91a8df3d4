import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Ingress } from '../model/ingress-facts.js'
import { believeForwarding } from './origin.js'
import { createTrust } from './trust.js'

const TRUST = createTrust(['10.0.0.0/8'])

interface Told {
  readonly for?: string
  readonly proto?: string
  readonly host?: string
  readonly port?: string
}

/** The origin derived from a proxy's headers on a plain connection to port 8080, with the Host `a.internal`. */
function believed(told: Told | string, authority = 'a.internal') {
  const found = new Ingress()
  found.client = found.peer = '10.0.0.9'
  found.port = '8080'
  found.authority = authority
  if (typeof told === 'string') found.forwarded = told
  else {
    found.forwardedFor = told.for ?? ''
    found.forwardedProto = told.proto ?? ''
    found.forwardedHost = told.host ?? ''
    found.forwardedPort = told.port ?? ''
  }
  believeForwarding(found, typeof told === 'string' ? 'rfc7239' : 'x-forwarded', TRUST)
  return [found.client, found.proto, found.forwardedHost, found.forwardedPort]
}

const PEER = '10.0.0.9'

for (const [told, expected, authority] of [
  [{}, [PEER, 'http', '', '']],
  [{ for: '203.0.113.7, 10.1.1.1' }, ['203.0.113.7', 'http', '', '']],
  [{ proto: 'https' }, [PEER, 'https', '', '443']],
  [{ proto: 'http' }, [PEER, 'http', '', '80']],
  [{ proto: 'https' }, [PEER, 'https', '', '8443'], 'shop.example:8443'],
  [{ proto: 'https', host: 'shop.example' }, [PEER, 'https', 'shop.example', '443']],
  [{ proto: 'https', host: 'shop.example:8443' }, [PEER, 'https', 'shop.example:8443', '8443']],
  [{ proto: 'https', host: '[::1]:8443' }, [PEER, 'https', '[::1]:8443', '8443']],
  [{ proto: 'https', host: '[::1]' }, [PEER, 'https', '[::1]', '443']],
  [{ proto: 'https', host: 'shop.example', port: '8443' }, [PEER, 'https', 'shop.example', '8443']],
  [{ host: 'shop.example' }, [PEER, 'http', 'shop.example', '80']],
  [{ port: '8443' }, [PEER, 'http', '', '8443']],
  [{ proto: 'https,https' }, [PEER, 'https', '', '443']],
  [{ proto: 'http, https' }, [PEER, 'https', '', '443']],
  [{ proto: 'HTTPS' }, [PEER, 'https', '', '443']],
  [{ proto: 'wss' }, [PEER, 'https', '', '443']],
  [{ proto: 'javascript', host: 'a b', port: '99999' }, [PEER, 'http', '', '']],
  [{ proto: 'https', port: '0' }, [PEER, 'https', '', '443']],
  [
    { proto: 'http, https', host: 'evil.example, shop.example', port: '1, 8443' },
    [PEER, 'https', 'shop.example', '8443']
  ],
  ['', [PEER, 'http', '', '']],
  ['for=203.0.113.7;proto=https;host=shop.example', ['203.0.113.7', 'https', 'shop.example', '443']],
  [
    'for=203.0.113.7;Proto=HTTPS;host="shop.example:8443"',
    ['203.0.113.7', 'https', 'shop.example:8443', '8443']
  ],
  [
    'for=203.0.113.7;proto=https;host=shop.example, for=10.1.1.1;proto=http;host=inner',
    ['203.0.113.7', 'https', 'shop.example', '443']
  ],
  [
    'for=6.6.6.6;proto=http;host=evil, for=203.0.113.7;proto=https;host=shop.example, for=10.1.1.1',
    ['203.0.113.7', 'https', 'shop.example', '443']
  ],
  ['for=203.0.113.7, for=10.1.1.1;proto=https', ['203.0.113.7', 'https', '', '443']],
  ['for=_hidden;proto=https', [PEER, 'https', '', '443']]
] as readonly (readonly [Told | string, string[], string?])[])
  test(`of ${JSON.stringify(told)} the origin is ${expected.slice(1).join(' ')}${authority === undefined ? '' : ` for ${authority}`}`, () => {
    assert.deepEqual(believed(told, authority), expected)
  })
