import type { CompressionConfig } from './config/config.js'
import { isAvailable } from './encoders.js'

/** Yields the problems of `compression` that the schema cannot see. */
export function* checkCompression(config: CompressionConfig, at: string): Iterable<string> {
  if (typeof config === 'boolean') return
  const { encodings = [], levels = {} } = config
  for (const [index, coding] of encodings.entries()) {
    if (encodings.indexOf(coding) !== index) yield `${at}.encodings[${index}]: '${coding}' is there twice`
    if (!isAvailable(coding))
      yield `${at}.encodings[${index}]: '${coding}' needs Node 22.15 or newer, and this is ${process.version}`
  }
  const used = config.encodings ?? ['br', 'gzip']
  for (const coding of Object.keys(levels) as (keyof typeof levels)[])
    if (!used.includes(coding)) yield `${at}.levels.${coding}: does nothing without '${coding}' in encodings`
}
