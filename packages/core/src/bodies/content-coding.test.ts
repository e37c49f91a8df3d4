import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import zlib from 'node:zlib'
import {
  CodingError,
  codingsOf,
  decodeBody,
  decoderOf,
  encodeBody,
  encoderOf,
  FREE_BYTES,
  isKnownCoding
} from './content-coding.js'

const LIMITS = { maxBytes: 1024 ** 2, maxRatio: 100 }
const TEXT = Buffer.from(JSON.stringify({ a: [1, 2, 3], b: 'ü' }))
const NAMES = ['gzip', 'x-gzip', 'deflate', 'br', 'zstd'].filter(isKnownCoding)

const fails = (problem: string) => (error: unknown) =>
  error instanceof CodingError && error.problem === problem

for (const name of NAMES) {
  test(`${name} comes back as it was`, async () => {
    const coded = await encodeBody(TEXT, [name])
    assert.notDeepEqual(coded, TEXT)
    assert.deepEqual(await decodeBody(coded, [name], LIMITS), TEXT)
  })

  test(`${name} that is cut short is broken`, async () => {
    const coded = await encodeBody(TEXT, [name])
    await assert.rejects(decodeBody(coded.subarray(0, -3), [name], LIMITS), fails('broken'))
  })

  for (const [what, bytes] of [
    ['zeros', Buffer.alloc(8)],
    ['something else', Buffer.from('\0{"a":2}')],
    ['another one', null]
  ] as const)
    test(`${name} with ${what} behind its end is not read as if it ended there`, async () => {
      const coded = await encodeBody(TEXT, [name])
      const behind = bytes ?? Buffer.concat([Buffer.alloc(1), coded])
      const whole = Buffer.concat([coded, behind])
      await assert.rejects(decodeBody(whole, [name], LIMITS), fails('broken'))
      for (const chunks of [
        [whole],
        [coded, behind],
        [coded.subarray(0, -1), whole.subarray(coded.length - 1)]
      ]) {
        const decoder = decoderOf(name)
        decoder.on('data', () => {})
        for (const chunk of chunks) decoder.write(chunk)
        decoder.end()
        await assert.rejects(once(decoder, 'close'), name)
      }
    })

  test(`${name} that is none is broken`, async () => {
    await assert.rejects(decodeBody(Buffer.from('{"a":1}'), [name], LIMITS), fails('broken'))
  })

  test(`${name} that grows beyond the ratio is refused before it has`, async () => {
    const bomb = await encodeBody(Buffer.alloc(8 * 1024 ** 2), [name])
    const limits = { maxBytes: 64 * 1024 ** 2, maxRatio: 10 }
    await assert.rejects(decodeBody(bomb, [name], limits), fails('too-large'))
  })

  test(`${name} that grows beyond the size is refused`, async () => {
    const coded = await encodeBody(Buffer.alloc(20_000), [name])
    await assert.rejects(
      decodeBody(coded, [name], { maxBytes: 19_999, maxRatio: 100_000 }),
      fails('too-large')
    )
    const whole = await decodeBody(coded, [name], { maxBytes: 20_000, maxRatio: 100_000 })
    assert.equal(whole.length, 20_000)
  })

  test(`${name} as a stream gives on each piece at once`, async () => {
    const encoder = encoderOf(name)
    encoder.write('data: 1\n\n')
    const [piece] = (await once(encoder, 'data')) as [Buffer]
    const decoder = decoderOf(name)
    decoder.write(piece)
    const [text] = (await once(decoder, 'data')) as [Buffer]
    assert.equal(String(text), 'data: 1\n\n')
    encoder.destroy()
    decoder.destroy()
  })
}

test('a small body may grow by any ratio', async () => {
  const coded = await encodeBody(Buffer.alloc(FREE_BYTES), ['gzip'])
  assert.equal((await decodeBody(coded, ['gzip'], { ...LIMITS, maxRatio: 1 })).length, FREE_BYTES)
})

test('deflate is taken without its wrapper too', async () => {
  assert.deepEqual(await decodeBody(zlib.deflateRawSync(TEXT), ['deflate'], LIMITS), TEXT)
})

test('codings are taken off from the last to the first', async () => {
  const coded = zlib.brotliCompressSync(zlib.gzipSync(TEXT))
  assert.deepEqual(await decodeBody(coded, ['gzip', 'br'], LIMITS), TEXT)
  assert.deepEqual(await decodeBody(await encodeBody(TEXT, ['gzip', 'br']), ['gzip', 'br'], LIMITS), TEXT)
})

test('Content-Encoding is read in any case, and identity is none', () => {
  assert.deepEqual(codingsOf(' GZip , identity,br'), ['gzip', 'br'])
  assert.deepEqual(codingsOf(''), [])
})

test('codings that nobody knows, and a third one, are refused', () => {
  assert.throws(() => codingsOf('compress'), fails('unknown'))
  assert.throws(() => codingsOf('gzip, gzip, gzip'), fails('unknown'))
})
