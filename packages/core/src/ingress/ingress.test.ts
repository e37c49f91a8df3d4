import assert from 'node:assert/strict'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import type { Reason } from '../config/reason.js'
import { GatewayError } from '../model/gateway-error.js'
import type { Ingress } from '../model/ingress-facts.js'
import type { IngressSettings } from '../model/ingress-settings.js'
import { createIngressReader } from './ingress.js'
import { createTrust } from './trust.js'

const SETTINGS: IngressSettings = {
  trust: createTrust(['10.0.0.0/8']),
  believes: 'x-forwarded',
  requestIdHeader: 'x-request-id',
  deadlineHeader: '',
  reservedHeaders: new Set(['x-user', 'x-roles']),
  underscores: 'reject',
  maxHeaders: 20,
  maxUrlBytes: 64
}

type Fields = readonly (readonly [name: string, value: string])[]

interface Asked {
  readonly version?: string
  readonly peer?: string | undefined
  readonly encrypted?: boolean
  readonly url?: string
  readonly host?: boolean
}

function request(fields: Fields, asked: Asked = {}): IncomingMessage {
  const { version = '1.1', encrypted = false, url = '/', host = true } = asked
  const [major, minor] = version.split('.').map(Number)
  const all = host ? [['Host', 'example.com'] as const, ...fields] : fields
  return {
    httpVersionMajor: major,
    httpVersionMinor: minor,
    url,
    rawHeaders: all.flat(),
    socket: { remoteAddress: 'peer' in asked ? asked.peer : '192.0.2.1', encrypted }
  } as unknown as IncomingMessage
}

function read(
  fields: Fields,
  asked: Asked = {},
  settings: Partial<IngressSettings> = {},
  authority = ''
): Ingress {
  return createIngressReader({ ...SETTINGS, ...settings })(request(fields, asked), authority)
}

const FROM_PROXY: Asked = { peer: '10.0.0.9' }

function refuses(run: () => unknown, reason: Reason, detail = /./): void {
  assert.throws(run, (error: unknown) => {
    assert.ok(error instanceof GatewayError)
    assert.equal(error.reason, reason)
    if (reason === 'request_rejected') assert.match(error.detail, detail)
    return true
  })
}

test('end-to-end headers keep their order, their case, their values and their repetitions', () => {
  const fields: Fields = [
    ['B', '1'],
    ['aCCept', '*/*'],
    ['b', ''],
    ['Cookie', 'a=b'],
    ['Cookie', 'c=d'],
    ['X-Caf', 'caf\xe9']
  ]
  assert.deepEqual(read(fields).headers, fields.flat())
})

test('names that are special to JavaScript are names like any other', () => {
  const names = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype']
  const fields = names.map((name) => [name, 'x'] as const)
  assert.deepEqual(read(fields, {}, { underscores: 'keep' }).headers, fields.flat())
  assert.equal(({} as { x?: unknown }).x, undefined)
})

for (const name of [
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'TE',
  'Keep-Alive',
  'Proxy-Connection',
  'Proxy-Authorization',
  'Proxy-Authenticate',
  'Proxy-Authentication-Info',
  'Trailer',
  'Upgrade',
  'HTTP2-Settings',
  'Expect',
  'Via',
  'X-Real-IP',
  'X-Forwarded-For',
  'X-Forwarded-Proto',
  'X-Forwarded-Host',
  'X-Forwarded-Port',
  'Forwarded',
  'X-Request-Id',
  'X-User',
  'x-ROLES'
])
  test(`${name} is not among the headers to forward, from whichever peer`, () => {
    const value = name === 'Content-Length' ? '0' : name === 'Transfer-Encoding' ? 'chunked' : 'a'
    for (const asked of [{ host: false }, { host: false, ...FROM_PROXY }]) {
      const fields: Fields =
        name === 'Host'
          ? [['Host', 'a']]
          : [
              ['Host', 'a'],
              [name, value]
            ]
      assert.deepEqual(read(fields, asked).headers, [])
    }
  })

test('the spelling of a name does not matter, and is not mixed up between requests', () => {
  const reader = createIngressReader(SETTINGS)
  for (const name of ['X-USER', 'x-user', 'X-User', 'X-USER'])
    assert.deepEqual(
      reader(
        request([
          [name, 'root'],
          ['Accept', 'a']
        ]),
        ''
      ).headers,
      ['Accept', 'a']
    )
})

test('more names than the reader remembers are still told apart', () => {
  const reader = createIngressReader({ ...SETTINGS, maxHeaders: 10_000 })
  const many = Array.from({ length: 2_000 }, (_, i) => [`X-${i}`, 'a'] as const)
  assert.equal(reader(request(many), '').headers.length, 4_000)
  assert.deepEqual(
    reader(
      request([
        ['X-uSER', 'root'],
        ['x-New', '1']
      ]),
      ''
    ).headers,
    ['x-New', '1']
  )
})

test('Host gives the authority as sent and the host for matching', () => {
  const { host, authority } = read([['Host', 'API.Example.com.:8080']], { host: false })
  assert.equal(host, 'api.example.com')
  assert.equal(authority, 'API.Example.com.:8080')
})

test('the authority of an absolute-form target overrides Host', () => {
  const { host, authority } = read([['Host', 'other']], { host: false }, {}, 'Real.example:81')
  assert.equal(host, 'real.example')
  assert.equal(authority, 'Real.example:81')
})

test('a second Content-Type is refused: whoever reads the other one sees another body', () => {
  for (const second of ['application/json', 'text/plain', ''])
    refuses(
      () =>
        read([
          ['Content-Type', 'application/json'],
          ['content-TYPE', second]
        ]),
      'request_rejected',
      /Content-Type must be sent once/
    )
  assert.deepEqual(read([['Content-type', 'text/plain']]).headers, ['Content-type', 'text/plain'])
})

test('Host must be there once in HTTP/1.1', () => {
  refuses(() => read([], { host: false }), 'request_rejected', /Host is missing/)
  for (const second of ['example.com', 'evil.example'])
    refuses(() => read([['hOST', second]]), 'request_rejected', /Host must be sent once/)
  refuses(() => read([['Host', 'a']], {}, {}, 'b'), 'request_rejected', /Host must be sent once/)
})

test('HTTP/1.0 needs no Host', () => {
  const { host, authority } = read([], { host: false, version: '1.0' })
  assert.deepEqual([host, authority], ['', ''])
})

for (const value of ['a b', 'a,b', 'user@a', 'a/b', 'a:b', 'a:80:80', '[::1', 'a\\b', 'a#b', 'a\xe9', '*'])
  test(`the Host ${JSON.stringify(value)} is refused, in the target too`, () => {
    refuses(() => read([['Host', value]], { host: false }), 'request_rejected', /Host is malformed/)
    refuses(() => read([], {}, {}, value), 'request_rejected', /Host is malformed/)
  })

test('a request line without a version is malformed', () => {
  refuses(() => read([], { version: '0.9' }), 'request_rejected', /no version/)
})

for (const version of ['1.2', '2.0', '3.0'])
  test(`HTTP/${version} is not supported`, () => {
    refuses(() => read([], { version }), 'http_version_not_supported')
  })

test('a request may have so many headers and no more', () => {
  const fields = (n: number): Fields => Array.from({ length: n }, (_, i) => [`x-${i}`, ''] as const)
  assert.equal(read(fields(19)).headers.length, 38)
  refuses(() => read(fields(20)), 'headers_too_large')
})

test('a target may be so long and no longer, as it was received', () => {
  const url = `/${'a'.repeat(63)}`
  assert.equal(read([], { url }).host, 'example.com')
  refuses(() => read([], { url: `${url}a` }), 'uri_too_long')
  const rewritten = Object.assign(request([], { url: '/' }), { originalUrl: `${url}a` })
  refuses(() => createIngressReader(SETTINGS)(rewritten, ''), 'uri_too_long')
})

test('a body is announced by its length', () => {
  const sized = read([['Content-Length', '12']])
  assert.deepEqual([sized.contentLength, sized.hasBody], [12, true])
  const empty = read([['content-length', '0']])
  assert.deepEqual([empty.contentLength, empty.hasBody], [0, false])
  const none = read([])
  assert.deepEqual([none.contentLength, none.hasBody], [-1, false])
})

for (const value of ['', '-1', '+1', '1.0', '0x10', '1e3', '1 ', '1, 1', '1,1', 'a', '1234567890123456'])
  test(`the Content-Length ${JSON.stringify(value)} is refused`, () => {
    refuses(() => read([['Content-Length', value]]), 'request_rejected', /Content-Length is malformed/)
  })

test('a body is announced by chunked coding', () => {
  for (const value of ['chunked', 'Chunked']) {
    const { contentLength, hasBody } = read([['Transfer-Encoding', value]])
    assert.deepEqual([contentLength, hasBody], [-1, true])
  }
})

for (const value of [
  '',
  'identity',
  'gzip',
  'gzip, chunked',
  'chunked, chunked',
  'chunked;a=b',
  'xchunked',
  ' chunked',
  'chunked\x0b'
])
  test(`the Transfer-Encoding ${JSON.stringify(value)} is refused`, () => {
    refuses(() => read([['Transfer-Encoding', value]]), 'request_rejected', /must be 'chunked'/)
  })

test('Transfer-Encoding is refused in HTTP/1.0', () => {
  refuses(
    () => read([['Transfer-Encoding', 'chunked']], { version: '1.0' }),
    'request_rejected',
    /HTTP\/1\.0/
  )
})

test('TE says whether the client takes trailers', () => {
  for (const value of ['trailers', 'Trailers', 'gzip, trailers', 'trailers;q=1', 'deflate;q=0.5,trailers'])
    assert.equal(read([['TE', value]]).trailers, true, value)
  for (const value of ['', 'gzip', 'xtrailers', 'trailersx', 'no-trailers'])
    assert.equal(read([['TE', value]]).trailers, false, value)
})

test('headers that Connection names are dropped, whatever their case, and no others', () => {
  const { headers } = read([
    ['X-Hop', '1'],
    ['Accept', '2'],
    ['x-HOP', '3'],
    ['X-Other', '4'],
    ['Connection', 'close, X-hop'],
    ['connection', ' , x-other,x-absent']
  ])
  assert.deepEqual(headers, ['Accept', '2'])
})

test('names that belong to the connection may be named', () => {
  for (const value of [
    'keep-alive',
    'Close',
    'Upgrade, HTTP2-Settings',
    'TE, trailer, trailers',
    'proxy-connection',
    ''
  ])
    assert.deepEqual(
      read([
        ['Accept', 'a'],
        ['Connection', value]
      ]).headers,
      ['Accept', 'a']
    )
})

for (const name of [
  'host',
  'Authorization',
  'cookie',
  'Content-Length',
  'content-type',
  'content-anything',
  'Transfer-Encoding',
  'X-Forwarded-For',
  'x-forwarded-anything',
  'Forwarded',
  'via',
  'x-real-ip',
  'origin',
  'referer',
  'Expect',
  'X-User',
  'x-roles',
  'X-Request-Id'
])
  test(`a client may not take ${name} away by naming it in Connection`, () => {
    for (const value of [name, `keep-alive, ${name}`, `close,${name.toUpperCase()} `])
      refuses(() => read([['Connection', value]]), 'request_rejected', /Connection must not name/)
  })

test('a name with an underscore is refused, dropped or kept, as configured', () => {
  const fields: Fields = [
    ['X_Beta', 'on'],
    ['Accept', 'a']
  ]
  refuses(() => read(fields), 'request_rejected', /'X_Beta' has an underscore/)
  assert.deepEqual(read(fields, {}, { underscores: 'drop' }).headers, ['Accept', 'a'])
  assert.deepEqual(read(fields, {}, { underscores: 'keep' }).headers, ['X_Beta', 'on', 'Accept', 'a'])
})

test('a name that a client may not send is not kept with underscores either', () => {
  const names = [
    'X_User',
    'x_roles',
    'X_Request_Id',
    'X_Forwarded_For',
    'X-Forwarded_Proto',
    'Proxy_Connection'
  ]
  const fields = names.map((name) => [name, 'x'] as const)
  const { headers, client, requestId } = read(fields, FROM_PROXY, { underscores: 'keep' })
  assert.deepEqual(headers, [])
  assert.deepEqual([client, requestId], ['10.0.0.9', ''])
})

test('the peer is the address of the socket, without its mapped prefix', () => {
  assert.equal(read([], { peer: '192.0.2.1' }).peer, '192.0.2.1')
  const mapped = read([['X-Forwarded-For', '1.1.1.1']], { peer: '::ffff:10.0.0.9' })
  assert.deepEqual([mapped.peer, mapped.peerTrusted, mapped.client], ['10.0.0.9', true, '1.1.1.1'])
})

test('a socket without an address is nobody, and is not trusted', () => {
  const trust = { trusts: () => true }
  const { peer, client, peerTrusted } = read([['X-Forwarded-For', '1.1.1.1']], { peer: undefined }, { trust })
  assert.deepEqual([peer, client, peerTrusted], ['', '', false])
})

test('every request of a connection has the peer of its own socket', () => {
  const reader = createIngressReader(SETTINGS)
  const first = request([], { peer: '192.0.2.1' })
  const second = request([['X-Forwarded-For', '1.1.1.1']], FROM_PROXY)
  assert.equal(reader(first, '').client, '192.0.2.1')
  assert.equal(reader(second, '').client, '1.1.1.1')
  assert.equal(reader(first, '').client, '192.0.2.1')
})

const FORWARDING: Fields = [
  ['X-Forwarded-For', '6.6.6.6, 1.1.1.1'],
  ['x-forwarded-for', '10.0.0.2'],
  ['X-Forwarded-Proto', 'https'],
  ['X-Forwarded-Host', 'shop.example'],
  ['X-Forwarded-Port', '8443'],
  ['Forwarded', 'for=6.6.6.6'],
  ['X-Request-Id', 'abc-1']
]

test('what a trusted peer says about the client is believed', () => {
  const found = read(FORWARDING, FROM_PROXY)
  assert.equal(found.peerTrusted, true)
  assert.equal(found.client, '1.1.1.1')
  assert.equal(found.proto, 'https')
  assert.equal(found.forwardedFor, '6.6.6.6, 1.1.1.1, 10.0.0.2')
  assert.equal(found.forwardedHost, 'shop.example')
  assert.equal(found.forwardedPort, '8443')
  assert.equal(found.forwarded, '', "the kind that is not believed may be the client's own")
  assert.equal(found.requestId, 'abc-1')
})

test('what any other peer says about the client is not', () => {
  const found = read(FORWARDING)
  assert.equal(found.peerTrusted, false)
  assert.equal(found.client, '192.0.2.1')
  assert.equal(found.proto, 'http')
  for (const key of ['forwardedFor', 'forwardedHost', 'forwardedPort', 'forwarded', 'requestId'] as const)
    assert.equal(found[key], '', key)
})

test('the scheme is that of the socket unless a trusted peer says otherwise', () => {
  assert.equal(read([], { encrypted: true }).proto, 'https')
  assert.equal(read([['X-Forwarded-Proto', 'http']], { encrypted: true }).proto, 'https')
  assert.equal(read([['X-Forwarded-Proto', 'http']], { encrypted: true, ...FROM_PROXY }).proto, 'http')
})

test('forwarding headers that make no sense are ignored', () => {
  const found = read(
    [
      ['X-Forwarded-Proto', 'javascript'],
      ['X-Forwarded-Host', 'a/b'],
      ['X-Forwarded-Port', '80, 99999'],
      ['X-Forwarded-For', 'unknown']
    ],
    FROM_PROXY
  )
  assert.equal(found.proto, 'http')
  assert.equal(found.forwardedHost, '')
  assert.equal(found.forwardedPort, '')
  assert.equal(found.client, '10.0.0.9')
})

const FORWARDED: readonly [value: string, client: string][] = [
  ['for=1.1.1.1', '1.1.1.1'],
  ['For="1.1.1.1:4711"', '1.1.1.1'],
  ['for="[2001:db8::7]:4711"', '2001:db8::7'],
  ['by=10.0.0.1;for=1.1.1.1;proto=https', '1.1.1.1'],
  ['for=6.6.6.6, for=1.1.1.1, for=10.0.0.2', '1.1.1.1'],
  ['for=6.6.6.6,for=unknown', '10.0.0.9'],
  ['for=6.6.6.6, for=_hidden, for=10.0.0.2', '10.0.0.2'],
  ['by=1.1.1.1', '10.0.0.9'],
  ['xfor=1.1.1.1', '10.0.0.9']
]

for (const [value, client] of FORWARDED)
  test(`the client in Forwarded: ${value} is ${client}`, () => {
    assert.equal(read([['Forwarded', value]], FROM_PROXY, { believes: 'rfc7239' }).client, client)
  })

test('only the kind of forwarding headers that the proxy is said to set is believed', () => {
  const fields: Fields = [
    ['X-Forwarded-For', '1.1.1.1'],
    ['X-Forwarded-Proto', 'https'],
    ['Forwarded', 'for=2.2.2.2;proto=http;host="b:81"']
  ]
  const legacy = read(fields, FROM_PROXY)
  assert.deepEqual([legacy.client, legacy.proto, legacy.forwardedHost], ['1.1.1.1', 'https', ''])
  const standard = read(fields, FROM_PROXY, { believes: 'rfc7239' })
  assert.deepEqual([standard.client, standard.proto, standard.forwardedHost], ['2.2.2.2', 'http', 'b:81'])
})

test('a request id is believed only when it is a plain token', () => {
  const idOf = (value: string): string => read([['X-Request-Id', value]], FROM_PROXY).requestId
  for (const id of ['a', 'A-1_b.c:d+/=@', 'x'.repeat(128)]) assert.equal(idOf(id), id)
  for (const id of ['', 'a b', 'a\tb', 'a"b', '<a>', 'a,b', 'caf\xe9', 'x'.repeat(129)])
    assert.equal(idOf(id), '')
})

test('the header of the request id can have another name', () => {
  const settings = { requestIdHeader: 'x-trace' }
  const fields: Fields = [
    ['X-Trace', 'abc'],
    ['X-Request-Id', 'kept']
  ]
  const found = read(fields, FROM_PROXY, settings)
  assert.equal(found.requestId, 'abc')
  assert.deepEqual(found.headers, ['X-Request-Id', 'kept'])
})

test('Via is put together as received', () => {
  assert.equal(
    read([
      ['Via', '1.1 a'],
      ['via', '1.0 b, 1.1 c']
    ]).via,
    '1.1 a, 1.0 b, 1.1 c'
  )
})
