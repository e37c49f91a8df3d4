import type { Transform } from 'node:stream'
import { promisify } from 'node:util'
import zlib from 'node:zlib'
import { InflateEither, isWrapped } from './inflate-either.js'
import { refusingTrailing, TRAILING } from './trailing-bytes.js'

/** Why bytes cannot be decoded. */
export type CodingProblem = 'unknown' | 'broken' | 'too-large'

/** Bytes that cannot be decoded. The message is for the log. */
export class CodingError extends Error {
  readonly problem: CodingProblem

  constructor(problem: CodingProblem, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CodingError'
    this.problem = problem
  }
}

/** What decoding may make of a body. */
export interface DecodingLimits {
  /** Most bytes after it. From 1. */
  readonly maxBytes: number
  /** Most bytes for each byte before it. From 1. Up to {@link FREE_BYTES} it is not asked. */
  readonly maxRatio: number
}

/** So much may come out of however little: a few hundred bytes of repetitive JSON are packed far better than usual text. */
export const FREE_BYTES: number = 64 * 1024

/** Codings one over the other: more are an attack, not a need. */
const MOST_CODINGS = 2

interface Coding {
  decode(bytes: Buffer, options: { maxOutputLength: number }): Promise<Buffer>
  encode(bytes: Buffer): Promise<Buffer>
  decoder(): Transform
  encoder(): Transform
}

/** Decodes what is there whole. */
type Decode = Coding['decode']
type DecodeOfNode = (
  bytes: Buffer,
  options: zlib.ZlibOptions,
  done: (error: Error | null, decoded: never) => void
) => void

// Node's own pass by what follows the end.
function wholeBy(decode: unknown): Decode {
  const decoded = promisify(decode as DecodeOfNode) as unknown as (
    bytes: Buffer,
    options: zlib.ZlibOptions
  ) => Promise<{ readonly buffer: Buffer; readonly engine: zlib.Zlib }>
  return async (bytes, options) => {
    const { buffer, engine } = await decoded(bytes, { ...options, info: true })
    if (engine.bytesWritten < bytes.length) throw new Error(TRAILING)
    return buffer
  }
}

const { constants } = zlib
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }
// A piece goes on when it is there, and not when enough of it has come together.
const AT_ONCE = { flush: constants.Z_SYNC_FLUSH }

const gzip: Coding = {
  decode: wholeBy(zlib.gunzip),
  encode: promisify(zlib.gzip),
  decoder: () => refusingTrailing(zlib.createGunzip()),
  encoder: () => zlib.createGzip(AT_ONCE)
}

const inflate = wholeBy(zlib.inflate)
const inflateRaw = wholeBy(zlib.inflateRaw)
const deflate: Coding = {
  decode: (bytes, options) => (isWrapped(bytes) ? inflate : inflateRaw)(bytes, options),
  encode: promisify(zlib.deflate),
  decoder: () => new InflateEither(),
  encoder: () => zlib.createDeflate(AT_ONCE)
}

const br: Coding = {
  decode: wholeBy(zlib.brotliDecompress),
  encode: (bytes) => promisify(zlib.brotliCompress)(bytes, BROTLI),
  decoder: () => refusingTrailing(zlib.createBrotliDecompress()),
  encoder: () => zlib.createBrotliCompress({ ...BROTLI, flush: constants.BROTLI_OPERATION_FLUSH })
}

/** Of Node 22.15 and later. */
interface Zstd {
  readonly zstdDecompress?: typeof zlib.gunzip
  readonly zstdCompress?: typeof zlib.gzip
  readonly createZstdDecompress?: () => Transform
  readonly createZstdCompress?: (options: object) => Transform
  readonly constants: { readonly ZSTD_e_flush?: number }
}

const { zstdDecompress, zstdCompress, createZstdDecompress, createZstdCompress } = zlib as unknown as Zstd
const zstd: Coding | null =
  zstdDecompress && zstdCompress && createZstdDecompress && createZstdCompress
    ? {
        decode: wholeBy(zstdDecompress),
        encode: promisify(zstdCompress),
        decoder: () => refusingTrailing(createZstdDecompress()),
        encoder: () => createZstdCompress({ flush: (zlib as unknown as Zstd).constants.ZSTD_e_flush })
      }
    : null

const CODINGS: ReadonlyMap<string, Coding> = new Map([
  ['gzip', gzip],
  ['x-gzip', gzip],
  ['deflate', deflate],
  ['br', br],
  ...(zstd === null ? [] : [['zstd', zstd] as const])
])

/** The content codings that can be decoded and made, in lower case: `gzip`, `x-gzip`, `deflate`, `br`, and `zstd` where Node has it. */
export function isKnownCoding(name: string): boolean {
  return CODINGS.has(name)
}

/**
 * The codings of a `Content-Encoding`, in the order in which they were applied (RFC 9110, section 8.4); empty for none.
 * Throws {@link CodingError} `unknown` for one that cannot be decoded, and for more than two.
 */
export function codingsOf(contentEncoding: string): readonly string[] {
  const names = contentEncoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  const unknown = names.find((name) => !CODINGS.has(name))
  if (unknown !== undefined) throw new CodingError('unknown', `content coding '${unknown.slice(0, 40)}'`)
  if (names.length > MOST_CODINGS)
    throw new CodingError('unknown', `more than ${MOST_CODINGS} content codings`)
  return names
}

/** Takes the codings off. Rejects with {@link CodingError} for broken or unfinished bytes, and beyond the limits. */
export async function decodeBody(
  bytes: Buffer,
  codings: readonly string[],
  { maxBytes, maxRatio }: DecodingLimits
): Promise<Buffer> {
  const most = Math.min(maxBytes, Math.max(FREE_BYTES, bytes.length * maxRatio))
  let body = bytes
  for (const name of codings.toReversed()) {
    try {
      body = await codingOf(name).decode(body, { maxOutputLength: most })
    } catch (cause) {
      throw asCodingError(cause, name, most)
    }
  }
  return body
}

/** Puts the codings on. */
export async function encodeBody(bytes: Buffer, codings: readonly string[]): Promise<Buffer> {
  let body = bytes
  for (const name of codings) body = await codingOf(name).encode(body)
  return body
}

/** A stream that takes a coding off. What comes out has no bound of its own. */
export function decoderOf(name: string): Transform {
  return codingOf(name).decoder()
}

/** A stream that puts a coding on, and gives on what it has at once. */
export function encoderOf(name: string): Transform {
  return codingOf(name).encoder()
}

function codingOf(name: string): Coding {
  const coding = CODINGS.get(name)
  if (coding === undefined) throw new CodingError('unknown', `content coding '${name}'`)
  return coding
}

// What a decoder has failed with.
function asCodingError(cause: unknown, coding: string, most: number): CodingError {
  if (cause instanceof CodingError) return cause
  const { code, message } = cause as { readonly code?: unknown; readonly message?: string }
  if (code === 'ERR_BUFFER_TOO_LARGE')
    return new CodingError('too-large', `more than ${most} bytes after ${coding} decoding`)
  return new CodingError('broken', `not ${coding}: ${message}`, { cause })
}
