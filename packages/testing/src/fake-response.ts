import { STATUS_CODES } from 'node:http'
import type { Framing } from './body.js'
import { type Field, valuesOf } from './fields.js'

/** Fields in the order to send them. An object serves where no name comes twice. */
export type FieldsToSend = readonly Field[] | Readonly<Record<string, string>>

/** An interim response, sent as soon as the head of the request has been read. */
export interface InterimResponse {
  /** 100 to 199. */
  readonly status: number
  readonly headers?: FieldsToSend
}

/**
 * Where a response breaks off: nothing sent; half of the head; the whole head; half of the body (of its first
 * chunk, when chunked); the whole body without its last byte or last chunk.
 */
export type CutPoint = 'before-head' | 'mid-head' | 'after-head' | 'mid-body' | 'before-end'

/** What happens to the connection after a response. `silence`: it stays open, and no request is answered any more. */
export type Ending = 'keep' | 'close' | 'reset' | 'silence'

/** A response of a fake upstream. Nothing is added but the framing field of the body. */
export interface FakeResponse {
  /** Default 200; any number, 888 too. */
  readonly status?: number
  /** Default: the usual phrase of the status. */
  readonly reason?: string
  readonly headers?: FieldsToSend
  /** Text is sent as UTF-8. A list is sent item by item, each one a chunk when chunked. Default: empty. */
  readonly body?: string | Buffer | readonly (string | Buffer)[]
  /**
   * Default `sized`, or `chunked` when there are trailers. The framing field is left out for `none`, and when
   * `headers` have one of their own, right or wrong. `close` adds `connection: close`.
   */
  readonly framing?: Framing
  readonly trailers?: FieldsToSend
  readonly interim?: readonly InterimResponse[]
  /** These bytes instead of everything above; text is sent as Latin-1. */
  readonly raw?: string | Buffer
  readonly cut?: CutPoint
  /** Default: `close` after a cut, after `framing: 'close'` and where either side said `connection: close`, else `keep`. */
  readonly end?: Ending
  /** Nothing but interim responses is sent before this settles; see `gate()`. */
  readonly after?: PromiseLike<unknown>
  /** Answer at the head of the request, without waiting for its body. Default false. */
  readonly early?: boolean
}

/** A response as bytes: the head, the parts of the body, and its end marker. */
export interface EncodedResponse {
  readonly head: Buffer
  readonly pieces: readonly Buffer[]
  readonly end: Buffer
}

const EMPTY = Buffer.alloc(0)

/** The bytes of a response to a request with this method. Pure. */
export function encodeResponse(answer: FakeResponse, method: string): EncodedResponse {
  if (answer.raw !== undefined) return { head: latin1(answer.raw), pieces: [], end: EMPTY }
  const { status = 200, body = '', trailers = [] } = answer
  const framing = framingOfResponse(answer)
  const pieces = (Array.isArray(body) ? (body as (string | Buffer)[]) : [body as string | Buffer])
    .map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece))
    .filter((piece) => piece.length > 0)
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const head = encodeHead(answer, framing, size)
  if (method === 'HEAD' || status === 204 || status === 304) return { head, pieces: [], end: EMPTY }
  if (framing !== 'chunked') return { head, pieces, end: EMPTY }
  return { head, pieces: pieces.map(encodeChunk), end: encodeLastChunk(trailers) }
}

/** The part of an encoded response before a cut, as one buffer. Pure. */
export function cutResponse({ head, pieces, end }: EncodedResponse, cut: CutPoint): Buffer {
  const body = Buffer.concat(pieces)
  switch (cut) {
    case 'before-head':
      return EMPTY
    case 'mid-head':
      return head.subarray(0, head.length >> 1)
    case 'after-head':
      return head
    case 'mid-body': {
      const part = end.length > 0 ? (pieces[0] ?? EMPTY) : body
      return Buffer.concat([head, part.subarray(0, (part.length + 1) >> 1)])
    }
    case 'before-end':
      return Buffer.concat([head, end.length > 0 ? body : body.subarray(0, -1)])
  }
}

/** The framing that a response asks for, or the default. */
export function framingOfResponse({ framing, trailers }: FakeResponse): Framing {
  return framing ?? (trailers === undefined ? 'sized' : 'chunked')
}

/** Status line, fields and the framing field. `size` is the body's, in bytes. */
export function encodeHead(answer: FakeResponse, framing: Framing, size: number): Buffer {
  const { status = 200, reason = STATUS_CODES[status] ?? '', body } = answer
  const fields = fieldList(answer.headers)
  const own = valuesOf(fields, 'content-length').length + valuesOf(fields, 'transfer-encoding').length > 0
  const bodiless = body === undefined && (status < 200 || status === 204 || status === 304)
  if (!own && !bodiless) fields.push(...framingField(framing, size))
  return latin1(`HTTP/1.1 ${status} ${reason}\r\n${lines(fields)}\r\n`)
}

function framingField(framing: Framing, size: number): Field[] {
  if (framing === 'sized') return [['content-length', String(size)]]
  if (framing === 'chunked') return [['transfer-encoding', 'chunked']]
  return framing === 'close' ? [['connection', 'close']] : []
}

/** One chunk; nothing for an empty part, which would end the body. */
export function encodeChunk(piece: Buffer): Buffer {
  if (piece.length === 0) return EMPTY
  return Buffer.concat([latin1(`${piece.length.toString(16)}\r\n`), piece, latin1('\r\n')])
}

/** The last chunk, with trailers. */
export function encodeLastChunk(trailers: FieldsToSend): Buffer {
  return latin1(`0\r\n${lines(fieldList(trailers))}\r\n`)
}

/** The fields as pairs, in order. */
export function fieldList(fields: FieldsToSend = []): Field[] {
  return Array.isArray(fields) ? [...(fields as readonly Field[])] : Object.entries(fields)
}

function lines(fields: readonly Field[]): string {
  return fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
}

function latin1(bytes: string | Buffer): Buffer {
  return typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
}
