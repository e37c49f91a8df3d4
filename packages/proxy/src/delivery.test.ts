import assert from 'node:assert/strict'
import test from 'node:test'
import { type Exchange, Gateway } from '@gatewright/core'
import { fakeExchange } from '@gatewright/testing'
import fastify, { type FastifyReply, type LightMyRequestResponse } from 'fastify'
import { relayedTrailers, retractHead, writeHead } from './delivery.js'
import { KnownFields } from './known-fields.js'
import { type ResponseHead, readHead } from './response-headers.js'

function headOf(fields: Record<string, string>): ResponseHead {
  return readHead(rawOf(fields), new KnownFields())
}

function rawOf(fields: Record<string, string>): Buffer[] {
  return Object.entries(fields)
    .flat()
    .map((text) => Buffer.from(text, 'latin1'))
}

type Act = (reply: FastifyReply, exchange: Exchange) => void

/** What a client gets of the head that `act` writes. */
async function clientGets(act: Act, status = 200, method: 'GET' | 'HEAD' = 'GET', via?: string) {
  const app = fastify()
  app.route({
    method: ['GET', 'HEAD'],
    url: '/',
    handler(_request, reply) {
      reply.code(status)
      act(reply, exchangeOf(method, via))
      reply.send()
    }
  })
  return app.inject({ method, url: '/' })
}

function exchangeOf(method: string, via = ''): Exchange {
  const config = via === '' ? {} : { via }
  const snapshot = new Gateway({ config, clock: () => 0, chance: () => 0 }).compile()
  return fakeExchange({ method, snapshot })
}

function received({ headers }: LightMyRequestResponse, ...names: string[]): unknown[] {
  return names.map((name) => headers[name])
}

test("the upstream's fields are written, without the request id that the gateway has set", async () => {
  const head = headOf({ etag: '"a"', 'x-request-id': 'of the upstream' })
  const got = await clientGets((reply, exchange) => {
    reply.header('x-request-id', exchange.id)
    writeHead(reply, exchange, head, '')
  })
  assert.deepEqual(received(got, 'etag', 'x-request-id'), ['"a"', 'test'])
})

test('there is no length where there can be no body', async () => {
  for (const [status, method, length, expected] of [
    [204, 'GET', '5', undefined],
    [205, 'GET', '5', undefined],
    [205, 'HEAD', '5', '5'],
    [304, 'GET', '0', undefined],
    [304, 'GET', '5', '5'],
    [200, 'HEAD', '5', '5']
  ] as const) {
    let written: unknown
    await clientGets(
      (reply, exchange) => {
        writeHead(reply, exchange, headOf({ 'content-length': length }), '')
        written = reply.getHeader('content-length')
        reply.removeHeader('content-length')
      },
      status,
      method
    )
    assert.equal(written, expected, `${method} ${status} ${length}`)
  }
})

test('the gateway adds itself to Via, behind what is there', async () => {
  for (const [fields, expected] of [
    [{}, '1.1 gw'],
    [{ via: '1.0 inner' }, '1.0 inner, 1.1 gw']
  ] as const) {
    const got = await clientGets(
      (reply, exchange) => writeHead(reply, exchange, headOf(fields), ''),
      200,
      'GET',
      'gw'
    )
    assert.deepEqual(received(got, 'via'), [expected])
  }
})

test('a reason phrase of the upstream is kept, and the usual one is left to Node', async () => {
  for (const [phrase, expected] of [
    ['Fine', 'Fine'],
    ['OK', undefined],
    ['', undefined]
  ] as const) {
    let written: unknown
    await clientGets((reply, exchange) => {
      writeHead(reply, exchange, headOf({}), phrase)
      written = reply.raw.statusMessage
    })
    assert.equal(written, expected)
  }
})

test('a head that is taken back leaves nothing, but what hooks had set', async () => {
  const head = headOf({ etag: '"a"', vary: 'accept', trailer: 'x-sum' })
  let phrase: unknown
  const got = await clientGets(
    (reply, exchange) => {
      reply.header('vary', 'origin')
      const overlaid = writeHead(reply, exchange, head, 'Fine')
      reply.raw.setHeader('trailer', 'x-sum')
      reply.raw.setHeader('via', '1.1 gw')
      reply.raw.setHeader('etag', '"a"')
      retractHead(reply, head, overlaid)
      phrase = reply.raw.statusMessage
    },
    200,
    'GET',
    'gw'
  )
  assert.deepEqual(received(got, 'etag', 'vary', 'via', 'trailer'), [
    undefined,
    'origin',
    undefined,
    undefined
  ])
  assert.equal(phrase, '')
})

test('trailers pass as they were written, without those that frame, route or authenticate', () => {
  const names = [
    'Transfer-Encoding',
    'Content-Length',
    'HOST',
    'Trailer',
    'Connection',
    'Set-Cookie',
    'TE',
    'Via'
  ]
  const refused = Object.fromEntries(names.map((name) => [name, 'x']))
  assert.deepEqual(relayedTrailers(rawOf({ 'X-Sum': 'caf\u00e9', ...refused, 'X-Content-Sum': '2' })), [
    ['X-Sum', 'caf\u00e9'],
    ['X-Content-Sum', '2']
  ])
})
