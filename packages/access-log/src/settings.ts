import { durationMs, isSecretName, sizeBytes } from '@gatewright/core'
import type { AccessLogConfig } from './config/config.js'
import type { LogSink } from './config/log-sink.js'

/** What a line shows beside its fixed fields. */
export interface LineSettings {
  readonly query: boolean
  /** Keys of the query whose values are not shown beside those that usually hold secrets, in lower case. */
  readonly secretKeys: ReadonlySet<string>
  /** Request headers to show, in lower case. */
  readonly headers: readonly string[]
  readonly secretHeaders: ReadonlySet<string>
}

/** Which requests are logged. */
export interface SelectionSettings {
  /** Share of the successes, from 0 to 1. */
  readonly share: number
  /** From how many milliseconds on a request is always logged; infinite for never. */
  readonly slowMs: number
}

/** The access log's settings, read once. */
export interface AccessLogSettings extends LineSettings, SelectionSettings {
  readonly format: 'json' | 'pretty'
  /** A path, an object with `write`, or `null` for standard output. */
  readonly destination: string | LogSink | null
  /** How much may wait for the destination, in bytes. */
  readonly maxBuffer: number
}

/** Reads the configuration; `null` when nothing is to be logged. */
export function resolveAccessLog(config: AccessLogConfig = false): AccessLogSettings | null {
  if (config === false) return null
  const options = config === true ? {} : config
  const { redactQuery = [], redactHeaders = [] } = options
  return {
    format: options.format ?? 'json',
    destination: options.destination ?? null,
    share: (options.successes ?? 100) / 100,
    slowMs: durationMs(options.slow ?? '') ?? Number.POSITIVE_INFINITY,
    query: options.query ?? false,
    secretKeys: new Set(redactQuery.map((key) => key.toLowerCase())),
    headers: options.headers ?? [],
    secretHeaders: new Set([...(options.headers ?? []).filter(isSecretName), ...redactHeaders]),
    maxBuffer: sizeBytes(options.maxBuffer ?? '1MiB') as number
  }
}
