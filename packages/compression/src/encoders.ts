import type { Transform } from 'node:stream'
import zlib from 'node:zlib'

/** A content coding (RFC 9110, section 8.4.1). */
export type Coding = 'br' | 'gzip' | 'zstd'

/** A stream that compresses, and gives out what it holds back when it is told to. */
export interface Encoder extends Transform {
  flush(kind: number, callback?: () => void): void
}

type Whole = (bytes: Buffer, options: object, done: (error: Error | null, result: Buffer) => void) => void

/** What Node has for a coding. */
interface CodingTools {
  readonly flushKind: number
  create(options: object): Encoder
  readonly compress: Whole
  options(level: number, bytes: number): object
}

/** Of Node 22.15 and later. */
interface ZstdOfNode {
  readonly createZstdCompress?: (options: object) => Encoder
  readonly zstdCompress?: Whole
  readonly constants: Readonly<Record<string, number>>
}

const { constants } = zlib
const { createZstdCompress, zstdCompress, constants: more } = zlib as unknown as ZstdOfNode
// What one stream may look back to, as a power of two: a compressor takes several times as much memory.
const WINDOW = 18

const TOOLS: Readonly<Record<Coding, CodingTools | null>> = {
  br: {
    flushKind: constants.BROTLI_OPERATION_FLUSH,
    create: (options) => zlib.createBrotliCompress(options) as unknown as Encoder,
    compress: zlib.brotliCompress as Whole,
    options: (level, bytes) => ({
      params: {
        [constants.BROTLI_PARAM_QUALITY]: level,
        [constants.BROTLI_PARAM_LGWIN]: WINDOW,
        ...(bytes > 0 ? { [constants.BROTLI_PARAM_SIZE_HINT]: bytes } : {})
      }
    })
  },
  gzip: {
    flushKind: constants.Z_SYNC_FLUSH,
    create: (options) => zlib.createGzip(options) as unknown as Encoder,
    compress: zlib.gzip as Whole,
    options: (level) => ({ level })
  },
  zstd:
    createZstdCompress === undefined || zstdCompress === undefined
      ? null
      : {
          flushKind: more.ZSTD_e_flush as number,
          create: createZstdCompress,
          compress: zstdCompress,
          options: (level) => ({
            params: {
              [more.ZSTD_c_compressionLevel as number]: level,
              [more.ZSTD_c_windowLog as number]: WINDOW
            }
          })
        }
}

/** Whether this version of Node has the coding. */
export function isAvailable(coding: Coding): boolean {
  return TOOLS[coding] !== null
}

/** A compressor for a stream of so many bytes, -1 for unknown, and what makes it give out all it has. */
export function createEncoder(
  coding: Coding,
  level: number,
  bytes: number
): { readonly encoder: Encoder; readonly flushKind: number } {
  const { create, options, flushKind } = TOOLS[coding] as CodingTools
  return { encoder: create(options(level, bytes)), flushKind }
}

/** Compresses what is there whole, beside the event loop. */
export function compressWhole(
  coding: Coding,
  level: number,
  bytes: Buffer,
  done: (error: Error | null, compressed?: Buffer) => void
): void {
  const { compress, options } = TOOLS[coding] as CodingTools
  compress(bytes, options(level, bytes.length), done)
}
