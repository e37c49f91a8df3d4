import { type Framing, framingOf, readChunked, readSized } from './body.js'
import { type ByteReader, TruncatedError } from './byte-reader.js'
import { type Field, MalformedMessageError, readFields, valuesOf } from './fields.js'

/** The head of a response as it arrived, interim or final. */
export interface RawHead {
  /** The first line, without its CRLF. */
  readonly statusLine: string
  readonly httpVersion: string
  readonly status: number
  readonly reason: string
  /** Names and values as sent, in order. */
  readonly headers: readonly Field[]
  /** Status line and header lines as received, with every CRLF, the empty line included. */
  readonly raw: string
}

/** A response as it arrived, byte for byte. */
export class RawResponse {
  readonly statusLine: string
  readonly httpVersion: string
  readonly status: number
  readonly reason: string
  /** Names and values as sent, in order. */
  readonly headers: readonly Field[]
  /** Status line and header lines as received, with every CRLF, the empty line included. */
  readonly rawHead: string
  /** Interim responses (1xx) that came before. */
  readonly interim: readonly RawHead[]
  readonly framing: Framing
  /** Without chunked coding. */
  readonly body: Buffer
  readonly trailers: readonly Field[]
  /** False when the connection ended before the body did. */
  readonly complete: boolean
  /** Everything as received, interim responses included. */
  readonly raw: Buffer

  constructor(head: RawHead, interim: readonly RawHead[], body: ReadBody, raw: Buffer) {
    this.statusLine = head.statusLine
    this.httpVersion = head.httpVersion
    this.status = head.status
    this.reason = head.reason
    this.headers = head.headers
    this.rawHead = head.raw
    this.interim = interim
    this.framing = body.framing
    this.body = body.body
    this.trailers = body.trailers
    this.complete = body.complete
    this.raw = raw
  }

  /** The body as UTF-8. */
  get text(): string {
    return this.body.toString()
  }

  /** The first value of a header field, its name in any case. */
  header(name: string): string | undefined {
    return this.headerAll(name)[0]
  }

  /** Every value of a header field, in order. */
  headerAll(name: string): string[] {
    return valuesOf(this.headers, name)
  }
}

interface ReadBody {
  readonly framing: Framing
  readonly body: Buffer
  readonly trailers: readonly Field[]
  readonly complete: boolean
}

const STATUS_LINE = /^HTTP\/(\d\.\d) (\d{3}) ([\t\x20-\x7e\x80-\xff]*)\r\n$/

/** Reads the head of a response strictly. */
export async function readResponseHead(reader: ByteReader): Promise<RawHead> {
  const line = await reader.line()
  const match = STATUS_LINE.exec(line)
  if (match === null)
    throw new MalformedMessageError('a response must begin with "HTTP/1.1 status reason" and CRLF', line)
  const [, httpVersion, status, reason] = match as unknown as [string, string, string, string]
  const { raw, fields } = await readFields(reader)
  return {
    statusLine: line.slice(0, -2),
    httpVersion,
    status: Number(status),
    reason,
    headers: fields,
    raw: line + raw
  }
}

/** Reads the body that follows a head (RFC 9112, section 6.3). `method` is the request's. */
export async function readResponseBody(
  reader: ByteReader,
  { status, headers }: RawHead,
  method: string
): Promise<ReadBody> {
  const pieces: Buffer[] = []
  const add = (piece: Buffer): number => pieces.push(piece)
  const done = (framing: Framing, complete = true, trailers: readonly Field[] = []): ReadBody => ({
    framing,
    body: Buffer.concat(pieces),
    trailers,
    complete
  })
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return done('none')
  if (method === 'CONNECT' && status < 300) return done('none')
  const { framing, length } = framingOf(headers)
  try {
    if (framing === 'chunked') return done(framing, true, await readChunked(reader, add))
    if (framing === 'sized') await readSized(reader, length, add)
    else while (await reader.more()) add(await reader.some())
    return done(framing === 'none' ? 'close' : framing)
  } catch (error) {
    if (error instanceof TruncatedError) return done(framing, false)
    throw error
  }
}
