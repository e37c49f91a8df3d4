import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PassThrough, Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import type { Exchange } from './exchange.js'
import { type BodyWatcher, watchRequestBody, watchResponseBody } from './watch-body.js'

function recording() {
  const told: string[] = []
  const watcher: BodyWatcher = {
    chunk: (bytes) => told.push(String(bytes)),
    end: () => told.push('end'),
    cut: () => told.push('cut')
  }
  return { told, watcher }
}

const responseWith = (length?: string): ServerResponse =>
  Object.assign(new EventEmitter(), { getHeader: () => length }) as unknown as ServerResponse

test('a stream that is watched goes on piece by piece, and its watcher is told of each', async () => {
  const { told, watcher } = recording()
  const source = new PassThrough()
  const watched = watchResponseBody(source, responseWith(), watcher)
  source.write('one')
  assert.equal(String((await once(watched, 'data'))[0]), 'one')
  assert.deepEqual(told, ['one'])
  source.end('two')
  await once(watched, 'end')
  assert.deepEqual(told, ['one', 'two', 'end'])
})

test('a stream that breaks off breaks off behind, and its watcher is told', async () => {
  const { told, watcher } = recording()
  const source = new PassThrough()
  const watched = watchResponseBody(source, responseWith(), watcher)
  source.write('one')
  source.destroy(new Error('reset'))
  await assert.rejects(buffer(watched), /reset/)
  assert.equal(told.at(-1), 'cut')
})

test('whoever leaves before the end ends the source', async () => {
  const { told, watcher } = recording()
  const source = new PassThrough()
  const closed = new Promise((resolve) => source.once('close', resolve))
  watchResponseBody(source, responseWith(), watcher).destroy()
  await closed
  assert.deepEqual(told, ['cut'])
})

interface Given {
  readonly raw: Readable & { complete?: boolean }
  readonly payload?: Readable
  readonly body?: Buffer
}

function exchangeWith({ raw, payload, body }: Given): Exchange {
  return {
    raw: raw as unknown as IncomingMessage,
    payload: payload ?? null,
    body: body ?? null
  } as unknown as Exchange
}

test('a request is not read before its body is, and then each piece is told of', async () => {
  const { told, watcher } = recording()
  const raw: Given['raw'] = new PassThrough()
  const exchange = exchangeWith({ raw })
  watchRequestBody(exchange, watcher)
  await new Promise(setImmediate)
  assert.equal(raw.readableFlowing, null)
  const read = buffer(exchange.payload as Readable)
  ;(raw as PassThrough).end('body')
  raw.complete = true
  assert.equal(String(await read), 'body')
  assert.deepEqual(told, ['body', 'end'])
})

test('a body that is there as a whole is told of at once', () => {
  const { told, watcher } = recording()
  const exchange = exchangeWith({ raw: new PassThrough(), body: Buffer.from('body') })
  watchRequestBody(exchange, watcher)
  assert.deepEqual([told, exchange.payload], [['body', 'end'], null])
})

test('a client that leaves breaks the body off, and so does a hook’s stream that fails', async () => {
  const left = recording()
  const raw: Given['raw'] = new PassThrough()
  const exchange = exchangeWith({ raw })
  watchRequestBody(exchange, left.watcher)
  const read = buffer(exchange.payload as Readable)
  raw.destroy()
  await assert.rejects(read, { reason: 'client_closed' })
  assert.deepEqual(left.told, ['cut'])

  const failed = recording()
  const payload = new PassThrough()
  const other = exchangeWith({ raw: new PassThrough(), payload })
  watchRequestBody(other, failed.watcher)
  const rest = buffer(other.payload as Readable)
  payload.destroy(new Error('not gzip'))
  await assert.rejects(rest, /not gzip/)
  assert.deepEqual(failed.told, ['cut'])
})

test('a body that somebody else has read is none that could be watched', async () => {
  const { watcher } = recording()
  const raw = Readable.from([Buffer.from('body')])
  const exchange = exchangeWith({ raw })
  watchRequestBody(exchange, watcher)
  await buffer(raw)
  await assert.rejects(buffer(exchange.payload as Readable), { reason: 'internal_error' })
})
