import type { ServerResponse } from 'node:http'
import type { Readable } from 'node:stream'
import { addVary, type Exchange } from '@gatewright/core'
import type { FastifyReply } from 'fastify'
import { chooseCoding, readAcceptEncoding } from './accept-encoding.js'
import { compressedStream } from './compressed-stream.js'
import { couldLeak, isEligible, textOf } from './eligible.js'
import { type Coding, compressWhole } from './encoders.js'
import { tagOfUnmodified, weakened } from './entity-tag.js'
import type { CompressionSettings } from './settings.js'

type SendDone = (error?: Error | null, payload?: unknown) => void

/** Compresses the responses of routes with the same settings. */
export class Compressor {
  readonly #settings: CompressionSettings
  readonly #slot: number

  /** `slot` is that of exchanges with the {@link Coding} of the response. */
  constructor(settings: CompressionSettings, slot: number) {
    this.#settings = settings
    this.#slot = slot
  }

  /** An `onSend` step. It has to be the last one that looks at the body. */
  send(exchange: Exchange, reply: FastifyReply, payload: unknown, done: SendDone): void {
    if (exchange.slot(this.#slot) !== undefined) this.#forget(exchange, reply)
    if (reply.statusCode === 304) {
      varyUnmodified(exchange, reply)
      done()
      return
    }
    const coding = isEligible(this.#settings, exchange, reply)
      ? this.#codingFor(exchange, reply, payload)
      : null
    if (coding === null) {
      done()
      return
    }
    this.#writeHead(exchange, reply, coding)
    const bytes = lengthOf(reply, null)
    const level = this.#settings.levels[coding]
    reply.removeHeader('content-length')
    if (isStream(payload)) {
      // The client learns of the head at once, even when the body keeps it waiting.
      if (payload.readableLength === 0) exchange.response.once('pipe', flushHead)
      done(null, compressedStream(payload, coding, level, bytes))
    } else if (isWhole(payload)) compressWhole(coding, level, asBuffer(payload), done)
    // The upstream's response to HEAD: how long that to GET would be, compressed, nobody knows.
    else done()
  }

  #codingFor(exchange: Exchange, reply: FastifyReply, payload: unknown): Coding | null {
    if (exchange.method !== 'HEAD' && !isStream(payload) && !isWhole(payload)) return null
    const length = lengthOf(reply, payload)
    if (length === 0) return null
    const acceptance = readAcceptEncoding(exchange.headers['accept-encoding'] as string | undefined)
    const isSmall = length > 0 && length < this.#settings.thresholdBytes
    if (isSmall && acceptance.qualityOf('identity') > 0) return null
    addVary(reply, 'Accept-Encoding')
    if (couldLeak(this.#settings, exchange)) return null
    const coding = chooseCoding(acceptance, this.#settings.encodings)
    return coding !== null && acceptance.qualityOf(coding) >= preference(exchange) ? coding : null
  }

  #writeHead(exchange: Exchange, reply: FastifyReply, coding: Coding): void {
    exchange.setSlot(this.#slot, coding)
    reply.header('content-encoding', coding)
    const tag = textOf(reply, 'etag')
    if (tag !== '') reply.header('etag', weakened(tag))
    // Ranges of the upstream's would be of other bytes.
    if (reply.hasHeader('accept-ranges')) reply.removeHeader('accept-ranges')
  }

  // An error takes the place of a response whose body broke off before its head was sent.
  #forget(exchange: Exchange, reply: FastifyReply): void {
    reply.removeHeader('content-encoding')
    exchange.setSlot(this.#slot, undefined)
  }
}

// What identity would be preferred to, where the client says so by name.
function preference({ headers }: Exchange): number {
  const field = String(headers['accept-encoding'] ?? '')
  return /identity/i.test(field) ? readAcceptEncoding(field).qualityOf('identity') : 0
}

// RFC 9110, section 15.4.5: the same Vary as with the content, or a cache would take one form for all.
function varyUnmodified({ headers }: Exchange, reply: FastifyReply): void {
  addVary(reply, 'Accept-Encoding')
  const tag = textOf(reply, 'etag')
  const condition = headers['if-none-match']
  if (tag !== '' && condition !== undefined) reply.header('etag', tagOfUnmodified(tag, condition))
}

function flushHead(this: ServerResponse, source: Readable): void {
  if (this.headersSent) return
  try {
    this.flushHeaders()
  } catch (error) {
    source.destroy(error as Error)
  }
}

function isStream(payload: unknown): payload is Readable {
  return typeof (payload as Partial<Readable> | null | undefined)?.pipe === 'function'
}

function isWhole(payload: unknown): payload is string | Uint8Array {
  return typeof payload === 'string' || payload instanceof Uint8Array
}

function asBuffer(payload: string | Uint8Array): Buffer {
  return Buffer.isBuffer(payload) ? payload : Buffer.from(payload as string)
}

// -1 for unknown.
function lengthOf(reply: FastifyReply, payload: unknown): number {
  if (isWhole(payload)) return Buffer.byteLength(payload)
  const declared = textOf(reply, 'content-length')
  return declared === '' ? -1 : Number(declared)
}
