import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type CutPoint, cutResponse, encodeResponse, type FakeResponse } from './fake-response.js'

function bytes(answer: FakeResponse, method = 'GET'): string {
  const { head, pieces, end } = encodeResponse(answer, method)
  return Buffer.concat([head, ...pieces, end]).toString('latin1')
}

const ENCODINGS: readonly [what: string, answer: FakeResponse, method: string, sent: string][] = [
  ['an empty answer', {}, 'GET', 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'],
  ['a text', { body: 'é' }, 'GET', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nÃ©'],
  ['bytes', { body: Buffer.from([0, 255]) }, 'GET', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n\0ÿ'],
  ['an unknown status', { status: 888 }, 'GET', 'HTTP/1.1 888 \r\ncontent-length: 0\r\n\r\n'],
  ['a reason', { status: 200, reason: 'Fine' }, 'GET', 'HTTP/1.1 200 Fine\r\ncontent-length: 0\r\n\r\n'],
  [
    'headers in order, twice and in their case',
    {
      headers: [
        ['B', '1'],
        ['a', '2'],
        ['B', '3']
      ]
    },
    'GET',
    'HTTP/1.1 200 OK\r\nB: 1\r\na: 2\r\nB: 3\r\ncontent-length: 0\r\n\r\n'
  ],
  [
    'headers from an object',
    { headers: { 'X-A': '1' } },
    'GET',
    'HTTP/1.1 200 OK\r\nX-A: 1\r\ncontent-length: 0\r\n\r\n'
  ],
  [
    'pieces as chunks, without an empty one',
    { framing: 'chunked', body: ['ab', '', 'c'] },
    'GET',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n'
  ],
  [
    'trailers, which make it chunked',
    { body: 'a', trailers: { 'X-Sum': '1' } },
    'GET',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n'
  ],
  [
    'a body up to the end of the connection',
    { framing: 'close', body: 'a' },
    'GET',
    'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\na'
  ],
  ['no framing field', { framing: 'none', body: 'a' }, 'GET', 'HTTP/1.1 200 OK\r\n\r\na'],
  [
    'a false length of its own',
    { headers: { 'Content-Length': '9' }, body: 'a' },
    'GET',
    'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na'
  ],
  [
    'the length without the body, for HEAD',
    { body: 'abc' },
    'HEAD',
    'HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n'
  ],
  ['no body field for 204', { status: 204 }, 'GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
  [
    'no body for 304',
    { status: 304, body: 'abc' },
    'GET',
    'HTTP/1.1 304 Not Modified\r\ncontent-length: 3\r\n\r\n'
  ],
  ['raw bytes alone', { raw: 'hello\xff\n', status: 500, headers: { a: 'b' } }, 'GET', 'hello\xff\n']
]

for (const [what, answer, method, sent] of ENCODINGS) {
  test(`an answer is encoded with ${what}`, () => assert.equal(bytes(answer, method), sent))
}

const CUTS: readonly [cut: CutPoint, sized: string, chunked: string][] = [
  ['before-head', '', ''],
  ['mid-head', 'HTTP/1.1 200 OK\r\nco', 'HTTP/1.1 200 OK\r\ntransf'],
  [
    'after-head',
    'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'
  ],
  [
    'mid-body',
    'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nab'
  ],
  [
    'before-end',
    'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nabc',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nabcd\r\n'
  ]
]

for (const [cut, sized, chunked] of CUTS) {
  test(`an answer cut ${cut} is a beginning of the whole one`, () => {
    const whole = encodeResponse({ body: 'abcd' }, 'GET')
    assert.equal(cutResponse(whole, cut).toString(), sized)
    const inChunks = encodeResponse({ body: 'abcd', framing: 'chunked' }, 'GET')
    const got = cutResponse(inChunks, cut).toString()
    assert.ok(bytes({ body: 'abcd', framing: 'chunked' }).startsWith(got))
    assert.equal(got, chunked)
  })
}
