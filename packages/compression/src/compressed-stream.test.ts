import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import zlib from 'node:zlib'
import fc from 'fast-check'
import { compressedStream } from './compressed-stream.js'
import { type Coding, isAvailable } from './encoders.js'

const CODINGS = (['gzip', 'br', 'zstd'] as const).filter(isAvailable)
const zstd = (zlib as unknown as { zstdDecompressSync?: typeof zlib.gunzipSync }).zstdDecompressSync
const decode = { gzip: zlib.gunzipSync, br: zlib.brotliDecompressSync, zstd }

const isFreed = (stream: Readable) => (stream as unknown as { _handle: unknown })._handle === null
const create = (source: Readable, coding: Coding) => compressedStream(source, coding, 4, -1)

/** A decoder that tells what it has after each piece. */
function decoderOf(coding: Coding): NodeJS.ReadWriteStream & Readable {
  if (coding === 'gzip') return zlib.createGunzip()
  if (coding === 'br') return zlib.createBrotliDecompress()
  return (
    zlib as unknown as { createZstdDecompress(): ReturnType<typeof zlib.createGunzip> }
  ).createZstdDecompress()
}

for (const coding of CODINGS) {
  test(`${coding}: what goes in comes out, and both ends are let go`, async () => {
    const pieces = Array.from({ length: 50 }, (_, n) => Buffer.alloc(n * 997, `piece ${n} `))
    const source = Readable.from(pieces)
    const stream = create(source, coding)
    const whole = (decode[coding] as typeof zlib.gunzipSync)(await buffer(stream))
    assert.equal(whole.equals(Buffer.concat(pieces)), true)
    if (!stream.closed) await once(stream, 'close')
    assert.deepEqual([source.destroyed, isFreed(stream)], [true, true])
  })

  test(`${coding}: whatever the pieces and their pauses, the whole comes out`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 5_000 }), fc.nat(2)), { maxLength: 12 }),
        async (pieces) => {
          async function* slowly() {
            for (const [piece, turns] of pieces) {
              for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve))
              yield Buffer.from(piece)
            }
          }
          const compressed = await buffer(create(Readable.from(slowly()), coding))
          const whole = (decode[coding] as typeof zlib.gunzipSync)(compressed)
          assert.equal(whole.equals(Buffer.concat(pieces.map(([piece]) => piece))), true)
        }
      ),
      { numRuns: 30, seed: 13 }
    )
  })

  test(`${coding}: a piece comes out before the next one goes in`, async () => {
    const source = new PassThrough()
    const decoder = decoderOf(coding)
    create(source, coding).pipe(decoder)
    for (const event of ['data: one\n\n', 'data: two\n\n', 'x']) {
      source.write(event)
      const [out] = await once(decoder, 'data')
      assert.equal(String(out), event)
    }
    source.end()
    decoder.resume()
    await once(decoder, 'end')
  })

  test(`${coding}: a source that breaks off leaves a body that breaks off`, async () => {
    const source = new PassThrough()
    const stream = create(source, coding)
    stream.resume()
    source.write('x'.repeat(10_000))
    const failed = once(stream, 'error')
    source.destroy(new Error('gone'))
    const [error] = await failed
    assert.equal(error.message, 'gone')
    assert.deepEqual([stream.readableEnded, isFreed(stream)], [false, true])
  })

  test(`${coding}: a reader that leaves ends the source, at whatever moment`, async () => {
    for (let pieces = 0; pieces < 4; pieces++) {
      const source = new PassThrough()
      const stream = create(source, coding)
      if (pieces > 1) stream.resume()
      for (let n = 0; n < pieces; n++) source.write(Buffer.alloc(100_000, n))
      const closed = once(source, 'close')
      stream.destroy()
      await closed
      assert.deepEqual([source.destroyed, isFreed(stream)], [true, true])
    }
  })

  test(`${coding}: a reader that is slow holds the source back`, async () => {
    let read = 0
    const source = new Readable({
      read() {
        read += 16_384
        this.push(
          zlib
            .gzipSync(Buffer.from(String(Math.random())))
            .subarray(0, 8)
            .toString('hex')
            .repeat(1_024)
        )
      }
    })
    const stream = create(source, coding)
    for (let n = 0; n < 300; n++) await new Promise((resolve) => setImmediate(resolve))
    assert.ok(read < 30_000_000, String(read))
    const seen = read
    for (let n = 0; n < 50; n++) await new Promise((resolve) => setImmediate(resolve))
    stream.destroy()
    await once(source, 'close')
    assert.ok(read < 2 * seen + 1_000_000)
  })
}
