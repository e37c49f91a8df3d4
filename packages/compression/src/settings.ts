import { sizeBytes } from '@gatewright/core'
import type { CompressionConfig } from './config/config.js'
import type { Coding } from './encoders.js'
import { COMPRESSIBLE, createTypeTest } from './media-types.js'

/** Settings of `compression`: nothing optional. */
export interface CompressionSettings {
  /** Best first. */
  readonly encodings: readonly Coding[]
  readonly thresholdBytes: number
  isCompressible(contentType: string): boolean
  readonly levels: Readonly<Record<Coding, number>>
  readonly withSetCookie: boolean
  readonly crossSite: boolean
}

/** Settings of a validated `compression`; `null` where it is off. */
export function resolveCompression(config: CompressionConfig | undefined): CompressionSettings | null {
  if (config === undefined || config === false) return null
  const options = config === true ? {} : config
  const { encodings = ['br', 'gzip'], threshold = '1KiB', types = COMPRESSIBLE, levels = {} } = options
  return {
    encodings,
    thresholdBytes: sizeBytes(threshold) as number,
    isCompressible: createTypeTest(types),
    levels: { br: levels.br ?? 4, gzip: levels.gzip ?? 6, zstd: levels.zstd ?? 3 },
    withSetCookie: options.withSetCookie ?? false,
    crossSite: options.crossSite ?? false
  }
}
