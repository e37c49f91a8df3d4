// Written by scripts/config-types.mjs from the schemas beside it. Edit the descriptions there.
import type { Size } from '@gatewright/core'

declare module '@gatewright/core' {
  interface GatewayConfig<P extends string = string, U extends string = string> {
    /** Compresses responses for clients that take it, streams too, piece by piece. What the upstream has compressed, parts (206) and what must not be transformed pass as they are. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
    compression?: CompressionConfig
  }
  interface PolicyConfig<P extends string = string> {
    /** Compresses responses for clients that take it, streams too, piece by piece. What the upstream has compressed, parts (206) and what must not be transformed pass as they are. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
    compression?: CompressionConfig
  }
  interface PathlessRouteConfig<P extends string = string, U extends string = string> {
    /** Compresses responses for clients that take it, streams too, piece by piece. What the upstream has compressed, parts (206) and what must not be transformed pass as they are. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
    compression?: CompressionConfig
  }
  interface NativeRouteConfig<P extends string = string, U extends string = string> {
    /** Compresses responses for clients that take it, streams too, piece by piece. What the upstream has compressed, parts (206) and what must not be transformed pass as they are. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
    compression?: CompressionConfig
  }
}

/** Compresses responses for clients that take it, streams too, piece by piece. What the upstream has compressed, parts (206) and what must not be transformed pass as they are. At the top it holds for all routes that say nothing, and for what no route takes. Default: false. */
export type CompressionConfig = CompressionOptions | boolean

/** Which responses are compressed, and how. */
export interface CompressionOptions {
  /** The codings, best first; a client's own order goes before. Default br, gzip. zstd needs Node 22.15 or newer. */
  encodings?: readonly ('br' | 'gzip' | 'zstd')[]
  /** Responses that are known to be smaller are left as they are. Default 1KiB. Those of unknown length are compressed. */
  threshold?: Size
  /** Media types that are compressed. Default: text, JSON, XML, JavaScript, SVG, WebAssembly and fonts that are not compressed yet. text/event-stream must be named: each open stream then holds a compressor: about 0.3 MiB for gzip, 0.6 for br, 0.9 for zstd. */
  types?: readonly string[]
  /** How hard each coding tries. */
  levels?: CompressionLevels
  /** Whether responses that set cookies are compressed. Default false. Danger: the length of a compressed response tells whether two parts of it are alike (BREACH). */
  withSetCookie?: boolean
  /** Whether responses are compressed to requests that carry cookies or HTTP authentication and that the page of another site may have made. Default false. Danger: such a page can try out a secret in the response, letter by letter, where the response repeats what it sends (BREACH). */
  crossSite?: boolean
}

/** How hard each coding tries. */
export interface CompressionLevels {
  /** Quality of Brotli. Default 4. Danger above 6: a second of processor time for a few megabytes. A whole number, 0 to 11. */
  br?: number
  /** Level of gzip. Default 6. A whole number, 1 to 9. */
  gzip?: number
  /** Level of Zstandard. Default 3. A whole number, 1 to 19. */
  zstd?: number
}
