import assert from 'node:assert/strict'
import { test } from 'node:test'
import { framingOf, readChunked, readSized } from './body.js'
import { ByteReader, TruncatedError } from './byte-reader.js'
import { type Field, MalformedMessageError, readFields, valuesOf } from './fields.js'

// Each byte on its own: a reader must not care how the bytes are cut.
function readerOf(text: string): ByteReader {
  const reader = new ByteReader()
  for (const byte of Buffer.from(text, 'latin1')) reader.push(Buffer.from([byte]))
  reader.end()
  return reader
}

test('fields keep their order, their case and the bytes of their values', async () => {
  const { fields, raw } = await readFields(readerOf('B:1\r\na: \t x y\xe9 \r\nB: \r\n\r\nrest'))
  assert.deepEqual(fields, [
    ['B', '1'],
    ['a', 'x y\xe9'],
    ['B', '']
  ])
  assert.equal(raw, 'B:1\r\na: \t x y\xe9 \r\nB: \r\n\r\n')
  assert.deepEqual(valuesOf(fields, 'b'), ['1', ''])
})

for (const bad of [
  'a: 1\n\r\n',
  'a : 1\r\n\r\n',
  'a: 1\r\n b\r\n\r\n',
  'a\r\n\r\n',
  'a: \0\r\n\r\n',
  'a: b\rc\r\n\r\n',
  '\n'
])
  test(`the field section ${JSON.stringify(bad)} is malformed`, async () => {
    await assert.rejects(readFields(readerOf(bad)), MalformedMessageError)
  })

test('a chunked body is put together and its trailers are returned', async () => {
  const pieces: Buffer[] = []
  const reader = readerOf('3\r\nabc\r\n0A\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\nnext')
  assert.deepEqual(await readChunked(reader, (piece) => pieces.push(piece)), [['X-Sum', '1']])
  assert.equal(Buffer.concat(pieces).toString(), 'abc0123456789')
  assert.equal(reader.rest().toString(), 'next')
})

for (const bad of [
  '3\nabc\r\n0\r\n\r\n',
  '3\r\nabcd\r\n0\r\n\r\n',
  'x\r\n',
  '3;a=b\r\nabc\r\n0\r\n\r\n',
  '-1\r\n',
  '\r\n'
])
  test(`the chunked body ${JSON.stringify(bad)} is malformed`, async () => {
    await assert.rejects(
      readChunked(readerOf(bad), () => {}),
      MalformedMessageError
    )
  })

test('a body that ends too early is truncated, not malformed', async () => {
  await assert.rejects(
    readChunked(readerOf('3\r\nab'), () => {}),
    TruncatedError
  )
  await assert.rejects(
    readSized(readerOf('ab'), 3, () => {}),
    TruncatedError
  )
})

test('the framing is what the fields say', () => {
  assert.deepEqual(framingOf([]), { framing: 'none', length: 0 })
  assert.deepEqual(framingOf([['Content-Length', '12']]), { framing: 'sized', length: 12 })
  assert.deepEqual(framingOf([['transfer-encoding', 'Chunked']]), { framing: 'chunked', length: 0 })
})

const BAD_FRAMING: readonly (readonly Field[])[] = [
  [
    ['content-length', '1'],
    ['content-length', '1']
  ],
  [
    ['content-length', '1'],
    ['transfer-encoding', 'chunked']
  ],
  [
    ['transfer-encoding', 'chunked'],
    ['transfer-encoding', 'chunked']
  ],
  [['transfer-encoding', 'gzip, chunked']],
  [['transfer-encoding', 'identity']],
  [['content-length', '+1']],
  [['content-length', '1, 1']],
  [['content-length', '']],
  [['content-length', '0x10']]
]

for (const fields of BAD_FRAMING)
  test(`the framing ${JSON.stringify(fields)} is malformed`, () => {
    assert.throws(() => framingOf(fields), MalformedMessageError)
  })
