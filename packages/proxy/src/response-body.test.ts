import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { Duplex, PassThrough } from 'node:stream'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { fakeExchange } from '@gatewright/testing'
import type { ReadBuffers } from './read-buffers.js'
import { type BodySource, ResponseBody } from './response-body.js'

const LARGE = Buffer.alloc(256 * 1024, 'x')

/** A client's connection that takes all it is sent, or nothing while it is `slow`. */
class Client extends Duplex {
  text = ''
  slow = false
  #waiting: (() => void) | null = null

  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: () => void): void {
    this.text += chunk
    if (this.slow) this.#waiting = callback
    else callback()
  }
  takeAll(): void {
    this.slow = false
    this.#waiting?.()
  }
  get body(): string | undefined {
    return this.text.split('\r\n\r\n')[1]
  }
}

class Source implements BodySource {
  readonly released: string[] = []
  readonly buffers = {
    release: (chunk: Buffer) => void this.released.push(String(chunk))
  } as unknown as ReadBuffers
  resumed = 0
  abandoned = 0

  resumeBody(): void {
    this.resumed++
  }
  abandonBody(): void {
    this.abandoned++
  }
}

function setUp(length: number | null = 6, trailer = '', httpVersionMinor = 1) {
  const { raw, response } = fakeExchange()
  raw.httpVersionMinor = httpVersionMinor
  if (length !== null) response.setHeader('content-length', length)
  const client = new Client()
  response.assignSocket(client as unknown as Socket)
  const source = new Source()
  const body = new ResponseBody(source, response, trailer)
  return { body, client, response, source }
}

test('what has come before is sent with the head, and each chunk after it at once', async () => {
  const { body, client, response } = setUp()
  assert.equal(body.pass(Buffer.from('abc')), true)
  body.pipe(response)
  await setImmediate()
  assert.equal(client.body, 'abc')
  assert.equal(body.pass(Buffer.from('def')), true)
  assert.equal(body.readableLength, 0)
  await setImmediate()
  assert.equal(client.body, 'abcdef')
})

test('the head is sent although the body makes the client wait', async () => {
  const { body, client, response } = setUp()
  body.pipe(response)
  await setImmediate()
  assert.match(client.text, /^HTTP\/1\.1 200 OK\r\n/)
  assert.equal(client.body, '')
})

test('the end of the body ends the response, unless whoever pipes it ends it', async () => {
  for (const [options, ends] of [
    [undefined, true],
    [{}, true],
    [{ end: false }, false]
  ] as const) {
    const { body, response, source } = setUp(0)
    body.pipe(response, options)
    const ended = once(body, 'end')
    body.push(null)
    await ended
    await setImmediate()
    assert.deepEqual([response.writableEnded, source.abandoned], [ends, 0])
  }
})

test('while the client takes no more, the source waits, and goes on when the response has drained', () => {
  const { body, client, response, source } = setUp(LARGE.length + 3)
  client.slow = true
  body.pipe(response)
  assert.deepEqual([body.stalled, body.pass(LARGE), body.stalled], [false, false, true])
  const { resumed } = source
  response.emit('drain')
  assert.deepEqual([body.stalled, source.resumed], [false, resumed + 1])
})

test('a client that is too slow for what has come before the head makes the source wait as well', () => {
  const { body, client, response, source } = setUp(LARGE.length)
  client.slow = true
  assert.deepEqual([body.pass(LARGE), body.stalled], [false, true])
  body.pipe(response)
  assert.equal(body.stalled, true)
  const { resumed } = source
  response.emit('drain')
  assert.deepEqual([body.stalled, source.resumed], [false, resumed + 1])
})

test('piped to a client that takes it all, the source is asked for more', () => {
  const { body, response, source } = setUp()
  const { resumed } = source
  body.pipe(response)
  assert.deepEqual([body.stalled, source.resumed > resumed], [false, true])
})

test('a source is not resumed when its body is over', () => {
  const { body, response, source } = setUp()
  body.pipe(response)
  body.destroy()
  const { resumed } = source
  response.emit('drain')
  assert.equal(source.resumed, resumed)
})

test('a buffer is given back when the client has taken its chunk, in their order', async () => {
  const { body, client, response, source } = setUp()
  body.pipe(response)
  await setImmediate()
  client.slow = true
  body.pass(Buffer.from('abc'))
  body.pass(Buffer.from('def'))
  await setImmediate()
  assert.deepEqual(source.released, [])
  client.takeAll()
  await setImmediate()
  assert.deepEqual(source.released, ['abc', 'def'])
})

test('the buffer of a chunk that the client never took is not given back', async () => {
  const { body, client, response, source } = setUp()
  body.pipe(response)
  await setImmediate()
  client.slow = true
  body.pass(Buffer.from('abc'))
  await setImmediate()
  client.destroy()
  await setImmediate()
  assert.deepEqual(source.released, [])
})

test('what comes for a client that has gone is dropped, and does not make the source wait', () => {
  const { body, response } = setUp()
  body.pipe(response)
  response.destroy()
  assert.deepEqual([body.pass(LARGE), body.stalled], [true, false])
})

test('what comes after something else has ended the response is dropped', async () => {
  const { body, client, response } = setUp(3)
  body.pipe(response)
  response.end('all')
  assert.equal(body.pass(Buffer.from('abc')), true)
  await setImmediate()
  assert.equal(client.body, 'all')
})

test('a source is abandoned when the response has ended before its body, and only then', async () => {
  const { body, response, source } = setUp(3)
  const closed = once(body, 'close')
  response.end('all')
  await closed
  assert.equal(source.abandoned, 1)
})

test('a body that breaks off ends without an uncaught error, and no head is sent for it', async () => {
  const { body, client, response, source } = setUp()
  body.breakOff(new Error('cut'))
  assert.equal(body.pipe(response), response)
  await setImmediate()
  assert.deepEqual([client.text, source.abandoned, body.errored?.message], ['', 1, 'cut'])
})

test('trailers are announced where they can follow: after chunks, to a client of HTTP/1.1', async () => {
  for (const [length, trailer, minor, announced] of [
    [null, 'x-sum', 1, true],
    [null, '', 1, false],
    [6, 'x-sum', 1, false],
    [null, 'x-sum', 0, false]
  ] as const) {
    const { body, client, response } = setUp(length, trailer, minor)
    body.pipe(response)
    await setImmediate()
    assert.equal(/^trailer: x-sum\r$/im.test(client.text), announced, `${length} '${trailer}' 1.${minor}`)
  }
})

test('a head that Node refuses is an error of the body, and is not thrown', async () => {
  const { body, client, response } = setUp()
  response.statusMessage = 'two\nlines'
  assert.equal(body.pipe(response), response)
  await setImmediate()
  assert.equal((body.errored as NodeJS.ErrnoException).code, 'ERR_INVALID_CHAR')
  assert.equal(client.text, '')
})

test('a head that has been sent before is not written again', async () => {
  const { body, client, response } = setUp(null, 'x-sum')
  response.writeHead(203)
  body.pass(Buffer.from('abc'))
  body.pipe(response)
  await setImmediate()
  assert.match(client.text, /^HTTP\/1\.1 203 [\s\S]*\r\nabc\r\n$/)
})

test('where the app has put a writer of its own in between, the body goes through it', async () => {
  const { body, client, response } = setUp()
  const { write } = response
  response.write = ((chunk: Buffer) => write.bind(response)(String(chunk).toUpperCase())) as typeof write
  body.pipe(response)
  body.pass(Buffer.from('abc'))
  body.pass(Buffer.from('def'))
  await setImmediate()
  assert.equal(client.body, 'ABCDEF')
})

test('piped elsewhere it is a stream like any other', async () => {
  const { body, client } = setUp()
  const elsewhere = new PassThrough()
  body.pipe(elsewhere)
  body.pass(Buffer.from('abc'))
  body.push(null)
  assert.equal(String(await elsewhere.toArray()), 'abc')
  assert.equal(client.text, '')
})

test("what a hook has made of it has not the length of the upstream's body", async () => {
  const { body, client, response } = setUp()
  const made = new PassThrough()
  body.pipe(made).pipe(response)
  body.pass(Buffer.from('longer than six'))
  await setImmediate()
  assert.doesNotMatch(client.text, /content-length/i)
  assert.match(client.text, /\r\n\r\nf\r\nlonger than six\r\n$/)
})

test('what a hook has made of it breaks off with it, before and after it is piped', () => {
  const error = new Error('cut')
  for (const early of [true, false]) {
    const { body, response } = setUp()
    const made = new PassThrough().on('error', () => {})
    if (early) body.breakOff(error)
    made.pipe(response)
    if (!early) body.breakOff(error)
    assert.equal(made.errored, error)
  }
})

test('a refused head cuts the connection where a hook has made something of the body', async () => {
  const { client, response } = setUp()
  response.statusMessage = 'two\nlines'
  const made = new PassThrough()
  made.pipe(response)
  made.write('abc')
  await setImmediate()
  assert.deepEqual([client.destroyed, client.text], [true, ''])
})
